//go:build linux

package supervise

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

func testHealth(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect       = NewWithT(t).Expect
		Eventually   = NewWithT(t).Eventually
		Consistently = NewWithT(t).Consistently
		s            *site
		asked        atomic.Int32
		failures     atomic.Int32   // that come before the answer
		seen         sync.WaitGroup // for which the last of them waits
		answer       atomic.Value
		at           string
	)

	it.Before(func() {
		s = newSite(t)
		asked.Store(0)
		answer.Store(ok)
		at = answering(t, func() string {
			asked.Add(1)
			if left := failures.Add(-1); left >= 0 {
				if left == 0 {
					seen.Wait()
				}
				return unavailable
			}
			return answer.Load().(string)
		})
	})

	httpProbe := func() *supervision.Check {
		return &supervision.Check{Type: supervision.CheckHTTP, Port: at, Endpoint: "/health", Interval: 1, InvocationTimeout: 60}
	}

	stop := func(p *process) {
		t.Helper()
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(128 + 15))
	}

	it("is ready when its process runs", func() {
		s.specs(supervision.Spec{Name: "a", Readiness: &supervision.Check{Type: supervision.CheckProcess}})
		p := s.run("a", "sleep 1000")
		Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
		stop(p)
	})

	it("is ready when its port is open", func() {
		port := testport.Free(t)
		s.specs(supervision.Spec{Name: "a", Readiness: &supervision.Check{Type: supervision.CheckPort, Port: "${PORT}"}, Env: []supervision.Variable{{Name: "PORT", Value: port}}})
		p := s.run("a", "until [ -e now ]; do sleep 0.02; done; $CHILD serve $PORT")
		Eventually(func() string { return s.state("a").LastError }).Should(Equal("port " + port + ": connection refused"))
		Expect(s.phase("a")()).To(Equal(supervision.PhaseStarting))
		s.put("now", "", 0o644)
		Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
		Expect(s.state("a").LastError).To(BeEmpty())
		stop(p)
	})

	it("is ready when it answers, unready when it does not, and nothing happens to it", func() {
		answer.Store(unavailable)
		s.specs(supervision.Spec{Name: "a", Readiness: httpProbe()})
		p := s.run("a", "sleep 1000")
		Eventually(func() string { return s.state("a").LastError }).Should(Equal("GET http://127.0.0.1:" + at + "/health: status 503 Service Unavailable"))
		Expect(s.phase("a")()).To(Equal(supervision.PhaseStarting))
		pid := s.state("a").Pid
		for range 2 {
			answer.Store(ok)
			Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
			answer.Store("HTTP/1.1 500 Oh\r\n\r\n")
			Eventually(s.phase("a")).Should(Equal(supervision.PhaseUnready))
			Expect(s.state("a").LastError).To(Equal("GET http://127.0.0.1:" + at + "/health: status 500 Oh"))
		}
		Expect(s.state("a").Pid).To(Equal(pid))
		stop(p)
		Expect(p.said()).To(BeEmpty())
	})

	it("is ready when both probes have succeeded", func() {
		port := testport.Free(t)
		s.specs(supervision.Spec{Name: "a", Readiness: &supervision.Check{Type: supervision.CheckProcess}, Health: &supervision.Check{Type: supervision.CheckPort, Port: port}})
		p := s.run("a", "until [ -e now ]; do sleep 0.02; done; $CHILD serve "+port)
		Eventually(func() string { return s.state("a").LastError }).Should(Equal("port " + port + ": connection refused"))
		Expect(s.phase("a")()).To(Equal(supervision.PhaseStarting))
		s.put("now", "", 0o644)
		Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
		stop(p)
	})

	it("forgives two failures in a row, as often as they come", func() {
		s.specs(supervision.Spec{Name: "a", Health: httpProbe()})
		p := s.run("a", "sleep 1000")
		Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
		for range 2 {
			failures.Store(2)
			Eventually(failures.Load).Should(BeNumerically("<", 0)) // one has succeeded since
			Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
		}
		Expect(p.said()).To(BeEmpty())
		stop(p)
	})

	it("grants a command time to start, however often it fails meanwhile", func() {
		answer.Store(unavailable)
		s.specs(supervision.Spec{Name: "a", Health: httpProbe(), Timeout: 60})
		p := s.run("a", "sleep 1000")
		Eventually(asked.Load).Should(BeNumerically(">", 5))
		Expect(s.phase("a")()).To(Equal(supervision.PhaseStarting))
		answer.Store(ok)
		Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
		Expect(p.said()).To(BeEmpty())
		stop(p)
	})

	it("says when it is ready again after it was started again", func() {
		s.specs(supervision.Spec{Name: "a", Readiness: httpProbe(), Restart: supervision.RestartOnFailure})
		p := s.run("a", "until [ -e now ]; do sleep 0.02; done; [ -e second ] || { touch second; exit 3; }; exec sleep 1000")
		Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
		Expect(p.said()).To(BeEmpty(), "there is nothing to say of the first time")
		s.put("now", "", 0o644)
		Eventually(p.said).Should(MatchRegexp(`^\[supervise\] a: ended with status 3; it is started again in 1s \(restart 1\)\n` +
			`\[supervise\] a: is ready again, [0-9.]+m?s after it was started\n$`))
		stop(p)
	})

	context("failure cases", func() {
		it("takes three failures in a row for a crash", func() {
			s.specs(supervision.Spec{Name: "a", Health: httpProbe(), Restart: supervision.RestartOnFailure})
			p := s.run("a", "trap 'echo told; exit 0' TERM; echo up; sleep 1000 & wait")
			Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
			seen.Add(1) // the third answer waits until this spec has seen what the first has come to
			failures.Store(3)
			Eventually(s.phase("a")).Should(Equal(supervision.PhaseUnhealthy))
			Expect(s.state("a").Restarts).To(BeZero())
			seen.Done()
			Eventually(func() int { return s.state("a").Restarts }).Should(Equal(1))
			why := "failed its health check 3 times in a row (GET http://127.0.0.1:" + at + "/health: status 503 Service Unavailable)"
			Eventually(p.said).Should(HavePrefix("[supervise] a: " + why + "; it is started again in 1s (restart 1)\n"))
			Eventually(p.wrote).Should(Equal("up\ntold\nup\n"))
			Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
			Expect(s.state("a").Restarts).To(Equal(1))
			p.signal(syscall.SIGTERM)
			Expect(p.cleanStatus()).To(Equal(0))
		})

		it("takes a command for crashed that never succeeds", func() {
			answer.Store(unavailable)
			s.specs(supervision.Spec{Name: "a", Health: httpProbe(), Timeout: 5})
			p := s.run("a", "exec sleep 1000")
			Expect(p.cleanStatus()).To(Equal(1))
			Expect(p.said()).To(Equal("[supervise] a: did not pass its health check within 5s (GET http://127.0.0.1:" + at +
				"/health: status 503 Service Unavailable); the app's instance ends with it\n"))
		})

		it("says that the port is none", func() {
			s.specs(supervision.Spec{Name: "a", Health: &supervision.Check{Type: supervision.CheckPort, Port: "$NONE", Interval: 1}, Timeout: 5})
			p := s.run("a", "sleep 1000")
			Expect(p.cleanStatus()).To(Equal(1))
			Expect(p.said()).To(ContainSubstring(`within 5s (the value of port $NONE is empty; expected a number from 1 to 65535)`))
		})

		for _, deaf := range []bool{false, true} {
			it("ends a command that hangs, deaf="+strconv.FormatBool(deaf), func() {
				port := testport.Free(t)
				s.specs(supervision.Spec{
					Name: "a", Health: &supervision.Check{Type: supervision.CheckHTTP, Port: port, Interval: 1, InvocationTimeout: 3},
					Restart: supervision.RestartOnFailure, StopTimeout: 1,
				})
				line := "exec $CHILD serve " + port
				if deaf {
					line = "trap '' TERM; " + line
				}
				p := s.run("a", line)
				Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
				pid := s.state("a").Pid
				Expect(syscall.Kill(pid, syscall.SIGSTOP)).To(Succeed())
				Eventually(func() int { return s.state("a").Restarts }).Should(Equal(1))
				Expect(syscall.Kill(pid, 0)).To(MatchError(syscall.ESRCH))
				Expect(p.said()).To(ContainSubstring("failed its health check 3 times in a row (GET http://127.0.0.1:" + port + "/: no answer within 3s); it is started again in 1s"))
				Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
				Expect(strings.Count(p.wrote(), "serving")).To(Equal(2))
				if deaf {
					Expect(syscall.Kill(s.pid("a"), syscall.SIGKILL)).To(Succeed())
					Eventually(func() int { return s.state("a").Restarts }).Should(Equal(2))
				}
				p.signal(syscall.SIGTERM)
				p.cleanStatus()
			})
		}

		it("is stopped while it is ended for a fault", func() {
			s.specs(supervision.Spec{Name: "a", Health: httpProbe(), Restart: supervision.RestartAlways, StopTimeout: 8})
			p := s.run("a", "trap '' TERM; echo up; sleep 1000")
			Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
			answer.Store(unavailable)
			Eventually(func() string { return s.state("a").LastError }).Should(HavePrefix("it failed its health check"))
			p.signal(syscall.SIGTERM)
			Eventually(s.phase("a")).Should(Equal(supervision.PhaseStopping))
			Expect(p.cleanStatus()).To(Equal(1))
			Consistently(p.said, "100ms").Should(BeEmpty())
		})
	})
}
