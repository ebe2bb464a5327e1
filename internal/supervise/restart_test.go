//go:build linux

package supervise

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

func testRestart(t *testing.T, when spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		s          *site
	)

	it.Before(func() { s = newSite(t) })

	// count has a command count its runs.
	const count = "echo run; "

	runs := func(p *process) int { return strings.Count(p.wrote(), "run\n") }

	it("starts a command again that fails, later each time", func() {
		s.specs(supervision.Spec{Name: "a", Restart: supervision.RestartOnFailure, RestartLimit: 5})
		p := s.run("a", count+"[ $(wc -l < out1) -ge 3 ] || exit 3")
		Expect(p.cleanStatus()).To(Equal(0))
		Expect(runs(p)).To(Equal(3))
		Expect(p.said()).To(Equal("[supervise] a: ended with status 3; it is started again in 1s (restart 1 of 5)\n" +
			"[supervise] a: ended with status 3; it is started again in 2s (restart 2 of 5)\n" +
			"[supervise] a: ended with status 0; the app's instance ends with it\n"))
		Expect(p.ProcessState.SystemTime() + p.ProcessState.UserTime()).To(BeNumerically("<", 3*time.Second))
	})

	it("starts a command again that ends well, where it always is to be", func() {
		s.specs(supervision.Spec{Name: "a", Restart: supervision.RestartAlways})
		p := s.run("a", count)
		var state supervision.State
		Eventually(func() supervision.State { state = s.state("a"); return state }).Should(And(
			HaveField("Phase", supervision.PhaseRestarting), HaveField("Pid", 0), HaveField("LastError", "it ended with status 0")))
		Eventually(func() int { return runs(p) }).Should(BeNumerically(">=", 2))
		Expect(s.state("a").Started).To(BeTemporally("==", state.Started), "it says when it was first started")
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(0))
	})

	it("starts a command again that was killed", func() {
		s.specs(supervision.Spec{Name: "a", Restart: supervision.RestartOnFailure})
		p := s.run("a", count+"sleep 1000")
		Eventually(func() int { return runs(p) }).Should(Equal(1))
		Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
		Expect(syscall.Kill(s.pid("a"), syscall.SIGKILL)).To(Succeed())
		Eventually(func() int { return runs(p) }).Should(Equal(2))
		Expect(p.said()).To(Equal("[supervise] a: was ended by the signal killed; it is started again in 1s (restart 1)\n"))
		Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(128 + 15))
	})

	it("ends with a command that is not to be started again", func() {
		s.specs(supervision.Spec{Name: "never", Restart: supervision.RestartNever, MemoryLimit: 1 << 40}, supervision.Spec{Name: "well", Restart: supervision.RestartOnFailure})
		p := s.run("never", count+"exit 3")
		Expect(p.cleanStatus()).To(Equal(3))
		Expect(runs(p)).To(Equal(1))
		Expect(p.said()).To(BeEmpty())
		p = s.run("well", count)
		Expect(p.cleanStatus()).To(Equal(0))
		Expect(runs(p)).To(Equal(1))
	})

	it("ends at once when it is told to while it is about to start a command again", func() {
		p := s.play("late restart")
		Eventually(p.said).Should(ContainSubstring("it is started again in 30s"))
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(3))
		Expect(strings.Count(p.said(), "ended with status 3")).To(Equal(1), "it was not started again, as it is after the pause")
	})

	it("is not ended by a signal that comes while its command is started", func() {
		p := s.play("told while it starts")
		Expect(p.cleanStatus()).To(Equal(128 + 9))
		Expect(p.wrote()).To(Equal("told by terminated\n"))
	})

	it("leaves nothing after 1,000 restarts", func() {
		at := answering(t, func() string { return ok })
		s.environ = append(s.environ, "AT="+at)
		p := s.play("1,000 restarts")
		Expect(p.cleanStatus()).To(Equal(0), p.said())
		Expect(runs(p)).To(Equal(1001))
		var before, after inventory
		_, err := fmt.Sscan(p.read(filepath.Join(s.directory, "inventory")), &before.Goroutines, &before.Descriptors, &after.Goroutines, &after.Descriptors)
		Expect(err).NotTo(HaveOccurred())
		Expect(after).To(Equal(before))
		Expect(s.state("a").Restarts).To(Equal(1000))
	})

	when("failure cases", func() {
		it("ends at the limit with the command's status", func() {
			s.specs(supervision.Spec{Name: "a", Restart: supervision.RestartAlways, RestartLimit: 1})
			p := s.run("a", count+"exit 42")
			Expect(p.cleanStatus()).To(Equal(42))
			Expect(runs(p)).To(Equal(2))
			Expect(p.said()).To(HaveSuffix("[supervise] a: ended with status 42; its restart limit is 1, so the app's instance ends with it\n"))
			Expect(s.state("a").Restarts).To(Equal(1))
		})

		it("starts a command again that cannot be started", func() {
			s.specs(supervision.Spec{Name: "a", Restart: supervision.RestartOnFailure, RestartLimit: 1})
			p := s.run("a", s.directory+"/late", "x")
			Eventually(func() int { return s.state("a").Restarts }).Should(Equal(1))
			Expect(s.state("a").Started).To(BeZero())
			Expect(p.cleanStatus()).To(Equal(127))
			why := "[supervise] a: could not be started: " + s.directory + "/late cannot be run: no such file or directory; "
			Expect(p.said()).To(Equal(why + "it is started again in 1s (restart 1 of 1)\n" + why + "its restart limit is 1, so the app's instance ends with it\n"))
		})
	})
}

// roles are what the test binary plays in a process of its own, where a supervisor
// takes all that descends from its process for its own.
var roles = map[string]func() int{
	"late restart": func() int {
		s := newSupervisor(supervision.Spec{Name: "a", Restart: supervision.RestartAlways}, "exit 3")
		s.restarts.first = longestBackoff
		return s.run()
	},
	"told while it starts": func() int {
		s := newSupervisor(supervision.Spec{Name: "a", Restart: supervision.RestartAlways}, "exec sleep 1000")
		pid, _, err := s.start()
		if err != nil {
			panic(err)
		}
		_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
		fmt.Println("told by", <-s.signals)
		_ = syscall.Kill(pid, syscall.SIGKILL)
		return exitStatus(s.children.waitFor(pid))
	},
	"1,000 restarts": func() int {
		at := os.Getenv("AT")
		s := newSupervisor(supervision.Spec{
			Name: "a", Restart: supervision.RestartAlways, RestartLimit: 1000, MemoryLimit: 1 << 40,
			Readiness: &supervision.Check{Type: supervision.CheckHTTP, Port: at, Interval: 1}, Health: &supervision.Check{Type: supervision.CheckPort, Port: at, Interval: 1},
		}, "/bin/echo run")
		s.restarts.first, s.restarts.maxPause = time.Microsecond, 32*time.Microsecond
		// Goroutines that are started once, and stay: those that log, pass signals on, and
		// wait for the network.
		s.asyncLogger = newAsyncLogger(io.Discard, "a")
		s.say("begins")
		go s.forwardSignals(notify())
		_ = probe{Check: supervision.Check{Type: supervision.CheckPort}}.at(at).check(context.Background())
		before := take()
		before.Goroutines++ // a second one that passes signals on
		status := s.run()
		after := take()
		for end := time.Now().Add(2 * time.Minute); after != before && time.Now().Before(end); after = take() {
			time.Sleep(10 * time.Millisecond)
		}
		if after.Goroutines != before.Goroutines {
			stacks := make([]byte, 1<<20)
			fmt.Fprintf(os.Stderr, "%s", stacks[:runtime.Stack(stacks, true)])
		}
		line := fmt.Sprintln(before.Goroutines, before.Descriptors, after.Goroutines, after.Descriptors)
		if err := os.WriteFile("inventory", []byte(line), 0o644); err != nil {
			return 1
		}
		return status
	},
}

// play starts the test binary in one of its roles.
func (s *site) play(role string) *process {
	s.Helper()
	s.environ = append(s.environ, roleVariable+"="+role)
	self, err := os.Executable()
	NewWithT(s.T).Expect(err).NotTo(HaveOccurred())
	return s.startCommand(exec.Command(self))
}

// newSupervisor is one that works in the current directory, as Main makes it.
func newSupervisor(spec supervision.Spec, line string) *supervisor {
	if err := supervision.Write(".", []supervision.Spec{spec}); err != nil {
		panic(err)
	}
	logger := newAsyncLogger(os.Stderr, spec.Name)
	told := &publisher{path: supervision.StatePath(".", 0), warn: logger.say, state: supervision.State{Name: spec.Name, Phase: supervision.PhaseStarting}}
	return &supervisor{spec: spec, command: newCommand(spec, []string{shell, "-c", line}, os.Environ()), directory: ".", status: told, asyncLogger: logger}
}

// An inventory is what a process has.
type inventory struct{ Goroutines, Descriptors int }

func take() inventory {
	descriptors, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		panic(err)
	}
	return inventory{Goroutines: runtime.NumGoroutine(), Descriptors: len(descriptors)}
}
