//go:build linux

package supervise

import (
	"bytes"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"golang.org/x/sys/unix"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

func testOutput(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		s          *site
	)

	it.Before(func() { s = newSite(t) })

	// pipe is a pipe that is not read yet.
	pipe := func() (reader, writer *os.File) {
		t.Helper()
		reader, writer, err := os.Pipe()
		Expect(err).NotTo(HaveOccurred())
		t.Cleanup(func() { _, _ = reader.Close(), writer.Close() })
		return reader, writer
	}

	it("goes straight from the command to where the supervisor's goes", func() {
		s.specs(supervision.Spec{Name: "a", MemoryLimit: 1 << 40})
		p := s.run("a", "readlink /proc/$$/fd/1 /proc/$$/fd/2; echo error >&2")
		Expect(p.cleanStatus()).To(Equal(0))
		Expect(p.wrote()).To(Equal(p.out + "\n" + p.err + "\n"))
		Expect(p.said()).To(Equal("error\n"))
	})

	it("comes whole, however much it is", func() {
		reader, writer := pipe()
		s.stdout = writer
		s.specs(supervision.Spec{Name: "a", MemoryLimit: 1 << 40})
		p := s.run("a", "head -c 20000000 /dev/zero")
		var read bytes.Buffer
		_, err := io.Copy(&read, reader)
		Expect(err).NotTo(HaveOccurred())
		Expect(p.cleanStatus()).To(Equal(0))
		Expect(read.Len()).To(Equal(20_000_000))
	})

	it("may be closed by the command", func() {
		s.specs(supervision.Spec{Name: "a", Restart: supervision.RestartAlways})
		p := s.run("a", "echo up; exec >&- 2>&-; sleep 1000")
		p.waitFor("up")
		NewWithT(t).Consistently(p.isOver, "300ms").Should(BeFalse())
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(128 + 15))
	})

	it("is kept apart from the supervisor's own lines, where the last one has no end", func() {
		s.specs(supervision.Spec{Name: "a", Restart: supervision.RestartOnFailure, RestartLimit: 1})
		const line = "printf 'last words' >&2; [ -e whole ] && echo >&2; exit 3"
		const said = "[supervise] a: ended with status 3; it is started again in 1s (restart 1 of 1)\n"
		p := s.run("a", line)
		Expect(p.cleanStatus()).To(Equal(3))
		Expect(p.said()).To(HavePrefix("last words\n" + said + "last words\n[supervise] a: "))

		s.put("whole", "", 0o644)
		p = s.run("a", line)
		Expect(p.cleanStatus()).To(Equal(3))
		Expect(p.said()).To(HavePrefix("last words\n" + said + "last words\n[supervise] a: "))

		// Of a pipe it cannot be known; the platform leaves out empty lines.
		reader, writer := pipe()
		s.stderr = writer
		p = s.run("a", line)
		var read bytes.Buffer
		_, err := io.Copy(&read, reader)
		Expect(err).NotTo(HaveOccurred())
		Expect(p.cleanStatus()).To(Equal(3))
		Expect(read.String()).To(HavePrefix("last words\n\n" + said + "last words\n\n[supervise] a: "))
	})

	context("failure cases", func() {
		it("does not block the supervisor if it is not read", func() {
			_, writer := pipe()
			s.stdout, s.stderr = writer, writer
			s.specs(supervision.Spec{Name: "a", Restart: supervision.RestartOnFailure, RestartLimit: 1})
			// The first one fills the pipe and is killed, so that the supervisor has something
			// to say; the second one hangs in its writing until it is told to end.
			p := s.run("a", "echo $$ >> pids; exec yes")
			pids := func() []string { return strings.Fields(p.read(s.directory + "/pids")) }
			Eventually(pids).Should(HaveLen(1))
			Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
			takesMore := []unix.PollFd{{Fd: int32(writer.Fd()), Events: unix.POLLOUT}}
			Eventually(func() (int, error) { return unix.Poll(takesMore, 0) }).Should(BeZero())
			Expect(syscall.Kill(s.pid("a"), syscall.SIGKILL)).To(Succeed())
			Eventually(pids).Should(HaveLen(2))
			Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
			p.signal(syscall.SIGTERM)
			Eventually(p.isOver).Should(BeTrue())
			Expect(exitStatus(p.ProcessState.Sys().(syscall.WaitStatus))).To(Equal(128+15), "it did not have to be killed")
			Expect(s.living()).To(BeEmpty())
		})

		it("does not end the supervisor where its reader has gone", func() {
			reader, writer := pipe()
			Expect(reader.Close()).To(Succeed())
			s.stdout, s.stderr = writer, writer
			s.specs(supervision.Spec{Name: "a", Restart: supervision.RestartOnFailure, RestartLimit: 2})
			p := s.run("a", "echo run >> runs; exec yes")
			Eventually(p.isOver).Should(BeTrue())
			Expect(exitStatus(p.ProcessState.Sys().(syscall.WaitStatus))).To(Equal(128 + 13))
			Expect(p.read(s.directory + "/runs")).To(Equal("run\nrun\nrun\n"))
			Expect(s.living()).To(BeEmpty())
			Expect(s.state("a").Restarts).To(Equal(2))
		})

		it("has the command know of a reader that has gone", func() {
			reader, writer := pipe()
			Expect(reader.Close()).To(Succeed())
			s.stdout = writer
			s.specs(supervision.Spec{Name: "a", MemoryLimit: 1 << 40})
			p := s.run("a", "trap '' PIPE; echo lost || exit 5")
			Expect(p.cleanStatus()).To(Equal(5))
		})
	})
}

func testSpeaker(t *testing.T, context spec.G, it spec.S) {
	Expect := NewWithT(t).Expect

	it("speaks in lines, in their order, with a name in front", func() {
		var said bytes.Buffer
		s := newAsyncLogger(&said, "a\nb\u202e")
		for i := range 60 {
			s.say("%d\tof\n%s\r", i, "x\x1b[31m\u009b2J\x9b")
		}
		s.close()
		lines := strings.Split(said.String(), "\n")
		Expect(lines).To(HaveLen(61))
		Expect(lines[59]).To(Equal(`[supervise] a\nb\u202e: 59\tof\nx\x1b[31m\u009b2J\x9b\r`))

		said.Reset()
		s = newAsyncLogger(&said, "")
		s.say("é")
		s.close()
		Expect(said.String()).To(Equal("[supervise] é\n"))
	})

	it("has nothing to end where it has never spoken", func() {
		newAsyncLogger(nil, "a").close()
		Expect(newAsyncLogger(nil, "a").lines).To(BeNil())
	})

	it("may be spoken through by many", func() {
		var said bytes.Buffer
		s := newAsyncLogger(&said, "a")
		var speaking sync.WaitGroup
		for range 10 {
			speaking.Go(func() { s.say("x") })
		}
		speaking.Wait()
		s.close()
		Expect(said.String()).To(Equal(strings.Repeat("[supervise] a: x\n", 10)))
	})

	context("failure cases", func() {
		it("waits for no reader, neither in the middle nor at the end", func() {
			reader, writer := io.Pipe()
			defer reader.Close()
			s := newAsyncLogger(writer, "a")
			over := make(chan struct{})
			go func() {
				defer close(over)
				for range 1000 {
					s.say("x")
				}
				s.close()
			}()
			NewWithT(t).Eventually(over).Should(BeClosed())
		})

		it("continues if its messages are not read", func() {
			reader, writer := io.Pipe()
			Expect(reader.Close()).To(Succeed())
			s := newAsyncLogger(writer, "a")
			s.say("x")
			s.say("y")
			s.close()
			Expect(s.done).To(BeClosed())
		})
	})
}
