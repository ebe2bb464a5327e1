//go:build linux

package supervise

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

func testLog(t *testing.T, when spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		s          *site
	)

	it.Before(func() {
		s = newSite(t)
		s.specs(supervision.Spec{Name: "a", Log: &supervision.Log{Level: "warn", Drop: "^noise"}},
			supervision.Spec{Name: "named", Log: &supervision.Log{Prefix: true}},
			supervision.Spec{Name: "again", Log: &supervision.Log{Level: "warn"}, Restart: supervision.RestartOnFailure, RestartLimit: 1})
	})

	pipe := func() (reader, writer *os.File) {
		t.Helper()
		reader, writer, err := os.Pipe()
		Expect(err).NotTo(HaveOccurred())
		t.Cleanup(func() { _, _ = reader.Close(), writer.Close() })
		return reader, writer
	}

	it("has what is not dropped, of each output apart, and says at the end what was", func() {
		p := s.run("a", "echo INFO one; echo INFO two >&2; echo WARN three; echo ERROR four >&2; echo noise; printf 'last out'; printf 'last err' >&2")
		Expect(p.cleanStatus()).To(Equal(0))
		Expect(p.wrote()).To(Equal("WARN three\nlast out\n"))
		Expect(p.said()).To(Equal("ERROR four\nlast err\n[supervise] a: dropped 3 lines of its output, 2 below the level warn and 1 by log.drop\n"))
	})

	it("has the lines of a command with its name", func() {
		p := s.run("named", "echo one; echo two >&2")
		Expect(p.cleanStatus()).To(Equal(0))
		Expect(p.wrote()).To(Equal("[named] one\n"))
		Expect(p.said()).To(Equal("[named] two\n"))
	})

	it("has each line at once, and all of a command that is started again", func() {
		p := s.run("again", "echo up; echo INFO x; printf 'last words'; until [ -e now ]; do sleep 0.02; done; exit 3")
		p.waitFor("up")
		s.put("now", "", 0o644)
		Expect(p.cleanStatus()).To(Equal(3))
		Expect(p.wrote()).To(Equal("up\nlast words\nup\nlast words\n"))
		Expect(p.said()).To(HaveSuffix("so the app's instance ends with it\n[supervise] again: dropped 2 lines of its output, below the level warn\n"))
	})

	it("loses nothing of a flood but what is dropped, with a reader that is slower than the command", func() {
		reader, writer := pipe()
		s.stdout = writer
		const lines = 300_000
		p := s.run("a", fmt.Sprintf("seq %d | sed 's/^/INFO dropped /;n;s/^/ERROR kept /'", lines))
		s.stdout = nil
		var read bytes.Buffer
		_, err := io.Copy(&read, reader)
		Expect(err).NotTo(HaveOccurred())
		Expect(p.cleanStatus()).To(Equal(0))
		var want strings.Builder
		for i := 2; i <= lines; i += 2 {
			fmt.Fprintf(&want, "ERROR kept %d\n", i)
		}
		Expect(read.String() == want.String()).To(BeTrue(), "%d of %d bytes", read.Len(), want.Len())
		Expect(p.said()).To(HaveSuffix(fmt.Sprintf("dropped %d lines of its output, below the level warn\n", lines/2)))
	})

	it("has no more memory for a line without end", func() {
		p := s.run("a", "head -c 100000000 /dev/zero | tr '\\0' x; echo; grep VmHWM /proc/$PPID/status >&2")
		Expect(p.cleanStatus()).To(Equal(0))
		info, err := os.Stat(p.out)
		Expect(err).NotTo(HaveOccurred())
		Expect(info.Size()).To(BeEquivalentTo(100_000_001))
		var kilobytes int
		_, err = fmt.Sscanf(p.said(), "VmHWM: %d kB", &kilobytes)
		Expect(err).NotTo(HaveOccurred(), p.said())
		Expect(kilobytes).To(BeNumerically("<", 80<<10), "which is with the race detector")
	})

	it("ends with the command, whatever that has started has the pipe still", func() {
		p := s.run("a", "setsid sleep 1000 & (trap '' TERM; sleep 1001) & echo up")
		Expect(p.cleanStatus()).To(Equal(0))
		Expect(p.wrote()).To(Equal("up\n"))
	})

	it("stops as it would without", func() {
		p := s.run("a", "trap 'echo INFO x; echo ERROR told; exit 5' TERM; echo up; while :; do sleep 1000 & wait $!; done")
		p.waitFor("up")
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(5))
		Expect(p.wrote()).To(Equal("up\nERROR told\n"))
		Expect(p.said()).To(Equal("[supervise] a: dropped 1 line of its output, below the level warn\n"))
	})

	when("failure cases", func() {
		it("does not block the supervisor if it is not read", func() {
			_, writer := pipe()
			s.stdout = writer
			p := s.run("a", "echo $$ > pid; exec yes")
			Eventually(func() string { return p.read(s.directory + "/pid") }).ShouldNot(BeEmpty())
			p.signal(syscall.SIGTERM)
			Eventually(p.isOver).Should(BeTrue())
			Expect(exitStatus(p.ProcessState.Sys().(syscall.WaitStatus))).To(Equal(128 + 15))
			Expect(s.living()).To(BeEmpty())
		})

		it("has the command know of a reader that has gone", func() {
			reader, writer := pipe()
			Expect(reader.Close()).To(Succeed())
			s.stdout = writer
			p := s.run("a", "trap '' PIPE; while echo lost; do :; done; exit 5")
			Expect(p.cleanStatus()).To(Equal(5))
		})

		it("says that the command cannot be started", func() {
			p := s.run("a", "/none/such", "x")
			Expect(p.cleanStatus()).To(Equal(127))
			Expect(p.said()).To(ContainSubstring("[supervise] a: could not be started: /none/such cannot be run: no such file or directory"))
		})

		it("says that an expression is none, which staging would have refused", func() {
			s.specs(supervision.Spec{Name: "a", Log: &supervision.Log{Drop: "("}})
			p := s.run("a", "echo up")
			Expect(p.cleanStatus()).To(Equal(1))
			Expect(p.said()).To(Equal("[supervise] a: log.drop cannot be used: error parsing regexp: missing closing ): `(`; the app's instance ends\n"))
		})
	})
}
