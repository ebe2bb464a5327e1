//go:build linux

package supervise

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

func testState(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		directory string
		warnings  []string
		told      *publisher
	)

	it.Before(func() {
		directory = t.TempDir()
		warnings = nil
		told = &publisher{path: supervision.StatePath(directory, 1), warn: func(format string, args ...any) {
			warnings = append(warnings, fmt.Sprintf(format, args...))
		}}
		Expect(supervision.Write(directory, []supervision.Spec{{Name: "a"}, {Name: "b"}, {Name: "c"}})).To(Succeed())
	})

	it("is read as it was told, with those that have told theirs", func() {
		Expect(supervision.States(directory)).To(BeEmpty())
		told.state.Name = "b"
		told.update(func(s *supervision.State) { s.Phase, s.Pid, s.LastError = supervision.PhaseReady, 7, "a\nb" })
		states, err := supervision.States(directory)
		Expect(err).NotTo(HaveOccurred())
		Expect(states).To(HaveLen(1))
		Expect(states[0].Name).To(Equal("b"))
		Expect(states[0].Pid).To(Equal(7))
		Expect(states[0].LastError).To(Equal("a\nb"))
		Expect(states[0].Since).To(BeTemporally("~", time.Now(), time.Minute))
		Expect(states[0].Ready()).To(BeTrue())
		Expect(warnings).To(BeEmpty())
	})

	it("says since when it is in its phase, and is told only where it has changed", func() {
		told.update(func(s *supervision.State) { s.Phase = supervision.PhaseStarting })
		since := told.state.Since
		told.update(func(s *supervision.State) { s.Pid = 1 })
		Expect(told.state.Since).To(Equal(since))
		Expect(os.Remove(told.path)).To(Succeed())
		told.update(func(s *supervision.State) { s.Pid = 1 })
		Expect(told.path).NotTo(BeAnExistingFile())
		told.update(func(s *supervision.State) { s.Phase = supervision.PhaseReady })
		Expect(told.path).To(BeAnExistingFile())
		Expect(told.state.Since).To(BeTemporally(">", since))
	})

	it("is ready in one phase alone", func() {
		for _, phase := range []string{"", supervision.PhaseWaiting, supervision.PhaseStarting, supervision.PhaseUnready, supervision.PhaseUnhealthy, supervision.PhaseRestarting, supervision.PhaseStopping} {
			Expect(supervision.State{Phase: phase}.Ready()).To(BeFalse(), phase)
		}
	})

	it("is whole whenever it is read, while it is written 10,000 times", func() {
		told.update(func(s *supervision.State) { s.Name, s.Phase = "b", supervision.PhaseReady })
		written := make(chan struct{})
		reads := 0
		var reading sync.WaitGroup
		reading.Go(func() {
			for last := 0; ; reads++ {
				select {
				case <-written:
					return
				default:
				}
				state, err := supervision.ReadState(directory, []supervision.Spec{{}, {Name: "b"}}, 1)
				if err != nil || state.Pid < last || len(state.LastError) != state.Pid%500 {
					t.Errorf("read %+v, %v after %d", state, err, last)
					return
				}
				last = state.Pid
			}
		})
		for i := range 10_000 {
			told.update(func(s *supervision.State) { s.Pid, s.LastError = i, strings.Repeat("x", i%500) })
		}
		close(written)
		reading.Wait()
		Expect(reads).To(BeNumerically(">", 100))
		Expect(warnings).To(BeEmpty())
		entries, err := os.ReadDir(filepath.Dir(told.path))
		Expect(err).NotTo(HaveOccurred())
		Expect(entries).To(HaveLen(1))
	})

	context("failure cases", func() {
		it("says once that it cannot be told", func() {
			Expect(os.WriteFile(filepath.Join(directory, supervision.RunDirectory), nil, 0o644)).To(Succeed())
			for i := range 3 {
				told.update(func(s *supervision.State) { s.Pid = i + 1 })
			}
			Expect(warnings).To(Equal([]string{"cannot publish status: " + directory + "/run: found a regular file; expected a directory, and no link to one"}))
		})

		it("writes nothing by a link in the place of the directory", func() {
			outside := t.TempDir()
			Expect(os.Symlink(outside, filepath.Join(directory, supervision.RunDirectory))).To(Succeed())
			told.update(func(s *supervision.State) { s.Pid = 1 })
			Expect(warnings).To(Equal([]string{"cannot publish status: " + directory + "/run: found a symbolic link; expected a directory, and no link to one"}))
			w := newWaiter(told.path)
			w.begin()
			defer w.close()
			Expect(os.ReadDir(outside)).To(BeEmpty())
		})

		it("says what cannot be read", func() {
			Expect(os.MkdirAll(filepath.Dir(told.path), 0o755)).To(Succeed())
			Expect(os.WriteFile(told.path, []byte("{"), 0o644)).To(Succeed())
			_, err := supervision.States(directory)
			Expect(err).To(MatchError("failed to parse " + told.path + ": unexpected end of JSON input"))
			Expect(os.Remove(told.path)).To(Succeed())
			Expect(os.Mkdir(told.path, 0o755)).To(Succeed())
			_, err = supervision.States(directory)
			Expect(err).To(MatchError("failed to read a state: " + told.path + ": found a directory; expected a regular file of at most 1 MB"))
			_, err = supervision.States(filepath.Join(directory, "none"))
			Expect(err).To(MatchError(HavePrefix("failed to read supervise.conf: ")))
		})
	})
}
