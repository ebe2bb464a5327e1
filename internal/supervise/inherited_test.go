//go:build linux

package supervise

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// testInherited starts the program as the platform's launcher does, in the process of
// a shell that has sourced profile scripts before.
func testInherited(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		s          *site
	)

	it.Before(func() { s = newSite(t) })

	// behind runs a command under the name a, behind a profile script.
	behind := func(profile, line string) *process {
		t.Helper()
		return s.startCommand(exec.Command(shell, "-c", profile+"\n"+`exec bin/supervise a -- bash -c "$1"`, "-", line))
	}
	pidOf := func(p *process, line string) int {
		t.Helper()
		var pid int
		Eventually(func() (err error) {
			for _, l := range splitLines(p.wrote()) {
				if len(l) > len(line) && l[:len(line)] == line {
					pid, err = strconv.Atoi(l[len(line)+1:])
					return err
				}
			}
			return errNotYet
		}).Should(Succeed(), p.said)
		return pid
	}

	const (
		agent = `sleep 1000 & echo "agent $!"`
		// later leaves a process behind when the file now is there: it comes to whoever
		// takes in orphans.
		later = `bash -c 'until [ -e now ]; do sleep 0.02; done; setsid bash -c "echo later \$\$; exec sleep 1000" & sleep 0.2' & echo "agent $!"`
	)

	it("leaves alone what has been there before, when the command is started again and when all ends", func() {
		s.specs(supervision.Spec{Name: "a", Restart: supervision.RestartOnFailure})
		p := behind(agent, "[ -e second ] || { touch second; setsid sleep 1000 & exit 3; }; echo again; exec sleep 1000")
		before := identify(pidOf(p, "agent"))
		p.waitFor("again")
		Expect(before.ended()).To(BeFalse())
		p.signal(syscall.SIGTERM)
		Expect(p.status()).To(Equal(128 + 15))
		Expect(before.ended()).To(BeFalse())
		Eventually(s.living).Should(HaveLen(1), "all else has ended")
	})

	it("leaves alone what that starts later, and leaves behind", func() {
		s.specs(supervision.Spec{Name: "a", Restart: supervision.RestartAlways})
		p := behind(later, "if [ -e second ]; then echo again; exec sleep 1000; fi; touch second; until grep -q later out1; do sleep 0.02; done; sleep 0.5; exit 3")
		s.put("now", "", 0o644)
		after := identify(pidOf(p, "later"))
		p.waitFor("again")
		Expect(after.ended()).To(BeFalse())
		p.signal(syscall.SIGTERM)
		Expect(p.status()).To(Equal(128 + 15))
		Expect(after.ended()).To(BeFalse())
	})

	it("does not count its memory", func() {
		s.specs(supervision.Spec{Name: "a", MemoryLimit: 50 << 20})
		p := behind("$CHILD eat 200 & until grep -q eaten out1; do sleep 0.02; done", "echo up; exec sleep 1000")
		p.waitFor("up")
		Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
		NewWithT(t).Consistently(p.isOver, "1500ms").Should(BeFalse(), p.said)
		supervisor := s.state("a").Supervisor
		Expect(processtree.Descendants(processtree.All(), supervisor)).To(HaveLen(1))
		p.signal(syscall.SIGTERM)
		Expect(p.status()).To(Equal(128 + 15))
	})

	it("takes each signal once, passes on the status, and ends what it has started", func() {
		s.specs(supervision.Spec{Name: "a", MemoryLimit: 1 << 40})
		p := behind(agent, "trap 'echo got USR1' USR1; trap 'echo told; exit 7' TERM; (setsid sleep 1000 &); echo up; while :; do sleep 0.02; done")
		p.waitFor("up")
		Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
		p.signal(syscall.SIGUSR1)
		p.waitFor("got USR1")
		p.signal(syscall.SIGTERM)
		Expect(p.status()).To(Equal(7))
		Expect(splitLines(p.wrote())[1:]).To(Equal([]string{"up", "got USR1", "told"}))
		Eventually(s.living).Should(HaveLen(1))
	})

	it("ends with the process that the platform knows", func() {
		s.specs(supervision.Spec{Name: "a", Restart: supervision.RestartAlways})
		p := behind(agent, "echo up; exec sleep 1000")
		p.waitFor("up")
		Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
		Expect(s.state("a").Supervisor).NotTo(Equal(p.Process.Pid))
		p.signal(syscall.SIGKILL)
		Expect(p.status()).To(Equal(128 + 9))
		Eventually(s.living).Should(HaveLen(1))
	})

	it("needs no other process where what was there before has ended", func() {
		s.specs(supervision.Spec{Name: "a", MemoryLimit: 1 << 40})
		p := behind("true & (sleep 1000 &); while kill -0 $! 2>/dev/null; do sleep 0.02; done", "echo up; exec sleep 1000")
		p.waitFor("up")
		Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
		Expect(s.state("a").Supervisor).To(Equal(p.Process.Pid))
		p.signal(syscall.SIGTERM)
		Expect(p.status()).To(Equal(128 + 15))
	})

	context("failure cases", func() {
		it("says what the command's end is, as ever", func() {
			s.specs(supervision.Spec{Name: "a", Restart: supervision.RestartOnFailure, RestartLimit: 1})
			p := behind(agent, "exit 42")
			Expect(p.status()).To(Equal(42))
			Expect(p.said()).To(ContainSubstring("its restart limit is 1"))
			none := s.startCommand(exec.Command(shell, "-c", `sleep 1000 & exec bin/supervise a -- "$1"`, "-", filepath.Join(s.directory, "none")))
			Expect(none.status()).To(Equal(127))
		})
	})
}
