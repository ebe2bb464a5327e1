package install_test

import (
	"bytes"
	stdcontext "context"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/paketo-buildpacks/packit/v2/chronos"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
)

// A screen is what a meter writes to.
type screen struct {
	mutex  sync.Mutex
	text   bytes.Buffer
	writes int
	wrote  chan struct{} // has an entry after each Write
}

func newScreen() *screen { return &screen{wrote: make(chan struct{}, 1)} }

func (s *screen) Write(p []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.writes++
	select {
	case s.wrote <- struct{}{}:
	default: // it has one
	}
	return s.text.Write(p)
}

// await waits until there is a text, and as many writes. It returns early if the test ends.
func (s *screen) await(ctx stdcontext.Context, text string, writes int) {
	for {
		select {
		case <-s.wrote:
		case <-ctx.Done():
			return
		}
		s.mutex.Lock()
		enough := s.writes >= writes && strings.Contains(s.text.String(), text)
		s.mutex.Unlock()
		if enough {
			return
		}
	}
}

func (s *screen) String() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.text.String()
}

func testProgress(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		s       *site
		shown   *screen
		content = append([]byte("#!/bin/sh\n"), noise(3<<20-10)...)
		epoch   = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	)

	const interval = 50 * time.Millisecond

	it.Before(func() {
		s = newSite(t)
		shown = newScreen()
		var ticks sync.Mutex
		now := epoch
		s.installer.Progress = &install.Progress{Writer: shown, Interval: interval, Clock: chronos.NewClock(func() time.Time {
			ticks.Lock()
			defer ticks.Unlock()
			defer func() { now = epoch.Add(2 * time.Second) }()
			return now // the beginning, and then always two seconds later
		})}
	})

	// paused sends the first half, and the rest after the meter has shown that, and has written so often.
	paused := func(writes int) *server {
		return serve(t, raw(func(conn *net.TCPConn, _ int) {
			_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 3145728\r\n\r\n"))
			_, _ = conn.Write(content[:len(content)/2])
			shown.await(t.Context(), "1.5 MB of 3.0 MB", writes)
			_, _ = conn.Write(content[len(content)/2:])
		}))
	}

	fetch := func(server *server) error {
		t.Helper()
		return s.install(t.Context(), artifact.Artifact{URI: server.uri(), Checksum: sumOf(content).String(), Name: "program"})
	}

	it("says how far it has come, a line at a time, and what came at last", func() {
		began := time.Now()
		Expect(fetch(paused(4))).To(Succeed())
		lines := strings.Split(strings.TrimSuffix(shown.String(), "\n"), "\n")
		Expect(len(lines)).To(BeNumerically(">", 4))
		Expect(len(lines) - 1).To(BeNumerically("<=", int(time.Since(began)/interval)))
		for _, line := range lines[:len(lines)-1] {
			Expect(line).To(MatchRegexp(`^       (\d+ B|\d+\.\d [KM]B) of 3\.0 MB, (\d+ B|\d+\.\d [KM]B)/s$`))
		}
		Expect(lines).To(ContainElement("       1.5 MB of 3.0 MB, 768.0 KB/s"))
		Expect(lines[len(lines)-1]).To(Equal("       Fetched 3.0 MB in 2s, 1.5 MB/s"))
	})

	it("draws a bar on a terminal, and leaves an empty line for what came", func() {
		s.installer.Progress.Terminal = true
		Expect(fetch(paused(2))).To(Succeed())
		text := shown.String()
		Expect(text).To(ContainSubstring("\r\x1b[K       [###############...............] 1.5 MB of 3.0 MB, 768.0 KB/s\r\x1b[K"))
		Expect(text).To(HaveSuffix("\r\x1b[K       Fetched 3.0 MB in 2s, 1.5 MB/s\n"))
		Expect(strings.Count(text, "\n")).To(Equal(1))
		Expect(regexp.MustCompile(`[#.]{30}`).FindAllString(text, -1)).NotTo(BeEmpty())
	})

	it("says what has come where it is not known how much will", func() {
		server := serve(t, raw(func(conn *net.TCPConn, _ int) {
			_, _ = conn.Write([]byte("HTTP/1.0 200 OK\r\n\r\n"))
			_, _ = conn.Write(content[:1<<20])
			shown.await(t.Context(), "1.0 MB, ", 3)
			_, _ = conn.Write(content[1<<20:])
		}))
		Expect(fetch(server)).To(Succeed())
		Expect(shown.String()).To(MatchRegexp(`(?m)^       1\.0 MB, 512\.0 KB/s$`))
	})

	it("says of what is small only that it has come", func() {
		s.installer.Progress.Interval = time.Hour
		content = []byte("#!/bin/sh\n")
		Expect(fetch(serve(t, whole(content)))).To(Succeed())
		Expect(shown.String()).To(Equal("       Fetched 10 B in 2s, 5 B/s\n"))
	})

	it("shows nothing of what is not fetched", func() {
		Expect(s.installFile(content, artifact.Artifact{Name: "program"})).To(Succeed())
		Expect(shown.String()).To(BeEmpty())
	})

	it("shows nothing without a Progress", func() {
		s.installer.Progress = nil
		Expect(fetch(serve(t, whole(content)))).To(Succeed())
		Expect(s.said).To(HaveLen(1))
	})

	context("failure cases", func() {
		it("does not say that what failed has come, and leaves an empty line", func() {
			s.installer.Progress.Interval = time.Hour
			Expect(fetch(serve(t, whole([]byte("another"))))).NotTo(Succeed())
			Expect(shown.String()).To(BeEmpty())

			s = newSite(t)
			s.installer.Progress = &install.Progress{Writer: shown, Terminal: true, Clock: chronos.DefaultClock}
			Expect(fetch(serve(t, whole([]byte("another"))))).NotTo(Succeed())
			Expect(shown.String()).To(Equal("\r\x1b[K"))
		})
	})
}
