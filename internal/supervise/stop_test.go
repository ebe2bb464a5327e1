//go:build linux

package supervise

import (
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

func testStop(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect       = NewWithT(t).Expect
		Eventually   = NewWithT(t).Eventually
		Consistently = NewWithT(t).Consistently
		s            *site
	)

	it.Before(func() { s = newSite(t) })

	// polite ends with 7 when it is told to.
	const polite = "trap 'echo told; exit 7' TERM; echo up; sleep 1000 & wait"

	up := func(spec supervision.Spec, line string) *process {
		t.Helper()
		spec.Name = "a"
		s.specs(spec)
		p := s.run("a", line)
		p.waitFor("up")
		Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
		return p
	}

	// main starts a process in the role of the main one, and returns a function that ends it.
	main := func() (pid int, end func()) {
		t.Helper()
		command := exec.Command("sleep", "1000")
		Expect(command.Start()).To(Succeed())
		t.Cleanup(func() {
			_ = command.Process.Kill()
			_ = command.Wait()
		})
		s.put("run/main", strconv.Itoa(command.Process.Pid)+"\n", 0o644)
		return command.Process.Pid, func() { Expect(command.Process.Kill()).To(Succeed()) } // a zombie, then
	}

	it("tells the command, and ends with it, whatever its restart policy", func() {
		p := up(supervision.Spec{Restart: supervision.RestartAlways}, polite)
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(7))
		Expect(p.wrote()).To(Equal("up\ntold\n"))
		Expect(p.said()).To(BeEmpty())
		Expect(s.state("a").Phase).To(Equal(supervision.PhaseStopping))
	})

	it("tells all of its process group", func() {
		p := up(supervision.Spec{Restart: supervision.RestartAlways}, `
			for i in 1 2 3; do bash -c "trap 'echo child $i; exit' TERM; echo child up; while :; do sleep 0.02; done" & done
			trap 'wait; echo told; exit 7' TERM
			until [ $(grep -c 'child up' out1) = 3 ]; do sleep 0.02; done
			echo up; wait`)
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(7))
		Expect(p.wrote()).To(And(ContainSubstring("child 1\n"), ContainSubstring("child 2\n"), ContainSubstring("child 3\n"), HaveSuffix("told\n")))
	})

	it("passes other signals on, and goes on", func() {
		p := up(supervision.Spec{MemoryLimit: 1 << 40}, `
			for signal in HUP QUIT USR1 USR2 ALRM WINCH; do trap "echo got $signal" $signal; done
			echo up; while :; do sleep 0.02; done`)
		for name, sig := range map[string]syscall.Signal{
			"HUP": syscall.SIGHUP, "QUIT": syscall.SIGQUIT, "USR1": syscall.SIGUSR1, "USR2": syscall.SIGUSR2, "ALRM": syscall.SIGALRM, "WINCH": syscall.SIGWINCH,
		} {
			p.signal(sig)
			p.waitFor("got " + name)
		}
		Expect(s.phase("a")()).To(Equal(supervision.PhaseReady))
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(128 + 15))
	})

	it("passes the keyboard's interrupt on, and ends", func() {
		p := up(supervision.Spec{Restart: supervision.RestartAlways, StopAfterApp: true, StopTimeout: 30}, "trap 'echo interrupted; exit 8' INT; echo up; sleep 1000 & wait")
		p.signal(syscall.SIGINT)
		Expect(p.cleanStatus()).To(Equal(8))
		Expect(p.wrote()).To(Equal("up\ninterrupted\n"))
	})

	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		it(fmt.Sprintf("ends a command that is stopped by %s", sig), func() {
			p := up(supervision.Spec{MemoryLimit: 1 << 40}, "echo up; exec sleep 1000")
			Expect(syscall.Kill(s.pid("a"), syscall.SIGSTOP)).To(Succeed())
			p.signal(sig)
			Expect(p.cleanStatus()).To(Equal(128+int(sig)), "it did not have to be killed")
		})
	}

	context("when it stops after the main process", func() {
		it("keeps the command running until that is gone", func() {
			_, end := main()
			p := up(supervision.Spec{StopAfterApp: true, StopTimeout: 60}, polite)
			p.signal(syscall.SIGTERM)
			Eventually(s.phase("a")).Should(Equal(supervision.PhaseStopping))
			Consistently(p.wrote, "300ms").Should(Equal("up\n"))
			end()
			Expect(p.cleanStatus()).To(Equal(7))
			Expect(p.wrote()).To(Equal("up\ntold\n"))
		})

		it("keeps the command running until its time is up, whatever is in the way of knowing", func() {
			for _, prepare := range []func(){func() {}, func() { _, _ = main() }} { // at first, the file does not exist
				prepare()
				p := up(supervision.Spec{StopAfterApp: true, StopTimeout: 1}, polite)
				began := time.Now()
				p.signal(syscall.SIGTERM)
				Expect(p.cleanStatus()).To(Equal(7))
				Expect(time.Since(began)).To(BeNumerically(">=", time.Second))
			}
		})

		it("ends at once where it is gone already", func() {
			s.put("run/main", "999999999", 0o644)
			p := up(supervision.Spec{StopAfterApp: true, StopTimeout: 60}, polite)
			p.signal(syscall.SIGTERM)
			Expect(p.cleanStatus()).To(Equal(7), "it did not have to be killed")
		})

		it("ends at once when the command ends by itself, and is not to be started again", func() {
			_, _ = main()
			p := up(supervision.Spec{StopAfterApp: true, StopTimeout: 60}, "echo up; until [ -e now ]; do sleep 0.02; done; exit 9")
			p.signal(syscall.SIGTERM)
			Eventually(s.phase("a")).Should(Equal(supervision.PhaseStopping))
			s.put("now", "", 0o644)
			Expect(p.cleanStatus()).To(Equal(9))
		})

		it("starts the command again meanwhile, and ends it when that is gone", func() {
			_, end := main()
			p := up(supervision.Spec{StopAfterApp: true, StopTimeout: 60, Restart: supervision.RestartOnFailure}, `
				if [ -e now ]; then trap 'echo told; exit 7' TERM; echo again; sleep 1000 & wait; fi
				sleep 1000 & echo up; until [ -e now ]; do sleep 0.02; done; exit 9`)
			p.signal(syscall.SIGTERM)
			Eventually(s.phase("a")).Should(Equal(supervision.PhaseStopping))
			s.put("now", "", 0o644)
			p.waitFor("again")
			Expect(s.phase("a")()).To(Equal(supervision.PhaseStopping))
			Eventually(func() int { return s.state("a").Pid }).ShouldNot(BeZero())
			Expect(s.state("a").Restarts).To(Equal(1))
			end()
			Expect(p.cleanStatus()).To(Equal(7))
			Expect(p.said()).To(Equal("[supervise] a: ended with status 9; it is started again in 1s (restart 1)\n"))
		})

		it("starts a command again that was about to be when it was told to stop", func() {
			_, end := main()
			s.specs(supervision.Spec{Name: "a", StopAfterApp: true, StopTimeout: 60, Restart: supervision.RestartAlways})
			p := s.run("a", "[ -e second ] || { touch second; exit 3; }; trap 'exit 7' TERM; echo again; sleep 1000 & wait")
			Eventually(func() int { return s.state("a").Restarts }).Should(Equal(1)) // in the pause
			p.signal(syscall.SIGTERM)
			p.waitFor("again")
			end()
			Expect(p.cleanStatus()).To(Equal(7))
		})

		it("says why it does not start the command again, where too little time is left", func() {
			_, _ = main()
			p := up(supervision.Spec{StopAfterApp: true, StopTimeout: 1, Restart: supervision.RestartAlways}, "echo up; until [ -e now ]; do sleep 0.02; done; exit 9")
			s.put("now", "", 0o644)
			Eventually(func() int { return s.state("a").Restarts }).Should(BeNumerically(">=", 2)) // the next pause is of two seconds, or of more
			p.signal(syscall.SIGTERM)
			Expect(p.cleanStatus()).To(Equal(9))
			Expect(p.said()).To(MatchRegexp(`\[supervise\] a: ended with status 9; it is not started again, since (that would be in [0-9.]+m?s, and it is to end in [0-9.]+m?s at the latest, as the app's instance does|the app's instance ends)\n$`))
		})

		it("keeps the command running until those are gone, too, that depend on it", func() {
			_, end := main()
			s.specs(supervision.Spec{Name: "a", StopAfterApp: true, StopAfter: []string{"b", "none", "untold"}, StopTimeout: 60}, supervision.Spec{Name: "b", MemoryLimit: 1 << 40}, supervision.Spec{Name: "untold"})
			b := s.run("b", "echo up; exec sleep 1000")
			b.waitFor("up")
			Eventually(s.phase("b")).Should(Equal(supervision.PhaseReady))
			a := s.run("a", polite)
			a.waitFor("up")
			Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
			a.signal(syscall.SIGTERM)
			Eventually(s.phase("a")).Should(Equal(supervision.PhaseStopping))
			end()
			Consistently(a.wrote, "300ms").Should(Equal("up\n"))
			b.signal(syscall.SIGTERM)
			Expect(b.status()).To(Equal(128 + 15))
			Expect(a.cleanStatus()).To(Equal(7))
		})

		it("ends at the second time it is told to", func() {
			_, _ = main()
			p := up(supervision.Spec{StopAfterApp: true, StopTimeout: 60}, polite)
			p.signal(syscall.SIGTERM)
			Eventually(s.phase("a")).Should(Equal(supervision.PhaseStopping))
			p.signal(syscall.SIGTERM)
			Expect(p.cleanStatus()).To(Equal(7))
		})
	})

	it("is told at any time, and leaves nothing", func() {
		// Processes in other sessions are the first to get lost.
		s.specs(supervision.Spec{Name: "a", Restart: supervision.RestartAlways, Readiness: &supervision.Check{Type: supervision.CheckProcess, Interval: 1}})
		for i := range 40 {
			p := s.run("a", "setsid sleep 1000 & (setsid sleep 1000 &); exit 3")
			time.Sleep(time.Duration(i) * 750 * time.Microsecond) // any time is right
			p.signal(syscall.SIGTERM)
			Expect(p.status()).To(Or(Equal(128+15), Equal(3)), "it did not have to be killed")
			if p.ProcessState.Sys().(syscall.WaitStatus).Signaled() {
				// It did not expect signals yet, and the command ended with it; what that one
				// has started meanwhile, if anything, does not.
				s.clear()
			}
			Expect(s.living()).To(BeEmpty())
		}
	})

	context("failure cases", func() {
		for _, stopTimeout := range []int{0, 30} {
			it(fmt.Sprintf("kills what does not end, %d", stopTimeout), func() {
				if stopTimeout > 0 {
					_, _ = main()
				}
				p := up(supervision.Spec{MemoryLimit: 1 << 40, StopAfterApp: stopTimeout > 0, StopTimeout: stopTimeout}, "trap '' TERM; setsid sleep 1000 & echo up; sleep 1000; sleep 1000")
				began := time.Now()
				p.signal(syscall.SIGTERM)
				Expect(p.cleanStatus()).To(Equal(137))
				Expect(time.Since(began)).To(BeNumerically(">=", killAfter))
			})
		}

		it("outlives a flood of signals", func() {
			p := up(supervision.Spec{MemoryLimit: 1 << 40}, "trap 'n=$((n+1))' USR1; trap 'echo told; exit 7' TERM; echo up; while :; do sleep 0.01; done")
			for range 2000 {
				p.signal(syscall.SIGUSR1)
			}
			p.signal(syscall.SIGTERM)
			Expect(p.cleanStatus()).To(Equal(7), strings.TrimSpace(p.said()))
		})
	})
}
