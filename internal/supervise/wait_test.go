//go:build linux

package supervise

import (
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"golang.org/x/sys/unix"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

func testWait(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect       = NewWithT(t).Expect
		Eventually   = NewWithT(t).Eventually
		Consistently = NewWithT(t).Consistently
		s            *site
		healthy      atomic.Bool
		at           string
	)

	it.Before(func() {
		s = newSite(t)
		healthy.Store(false)
		at = answering(t, func() string {
			if healthy.Load() {
				return ok
			}
			return unavailable
		})
	})

	// probed is ready once the server is healthy.
	probed := func(name string, startTimeout int) supervision.Spec {
		return supervision.Spec{Name: name, Readiness: &supervision.Check{Type: supervision.CheckHTTP, Port: "$AT", Endpoint: "/ready", Interval: 1, InvocationTimeout: 60}, Env: []supervision.Variable{{Name: "AT", Value: at}}, Timeout: startTimeout}
	}

	end := func(all ...*process) {
		t.Helper()
		for _, p := range all {
			p.signal(syscall.SIGTERM)
			Expect(p.status()).To(Equal(128 + 15))
		}
		Expect(s.living()).To(BeEmpty())
	}

	it("starts a command when those are ready that it waits for", func() {
		s.specs(probed("a", 0), supervision.Spec{Name: "b", DependsOn: []string{"a"}}, supervision.Spec{Name: "c", DependsOn: []string{"b", "a"}, MemoryLimit: 1 << 40})
		b, c, w := s.run("b", "echo up; sleep 1000"), s.run("c", "echo up; sleep 1000"), s.hold("a", "c")
		Eventually(s.phase("b")).Should(Equal(supervision.PhaseWaiting))
		Eventually(s.phase("c")).Should(Equal(supervision.PhaseWaiting))
		a := s.run("a", "sleep 1000")
		Eventually(s.phase("a")).Should(Equal(supervision.PhaseStarting))
		Consistently(func() string { return b.wrote() + c.wrote() }, "300ms").Should(BeEmpty())
		Expect(w.isOver()).To(BeFalse())
		Expect(s.state("b").Started).To(BeZero())
		healthy.Store(true)
		b.waitFor("up")
		c.waitFor("up")
		Expect(w.status()).To(Equal(0))
		Expect(w.wrote()).To(BeEmpty())
		Expect(s.state("b").Supervisor).To(BeZero(), "no supervisor stays with it")
		Expect(s.state("b").Pid).To(Equal(b.Process.Pid))
		end(a, b, c)
	})

	it("does not count the time that a command waits itself", func() {
		s.specs(probed("a", 60), supervision.Spec{Name: "b", DependsOn: []string{"a"}, MemoryLimit: 1 << 40, Timeout: 5})
		a, b := s.run("a", "sleep 1000"), s.run("b", "sleep 1000")
		Eventually(s.phase("b")).Should(Equal(supervision.PhaseWaiting))
		w := s.hold("b")
		Consistently(w.isOver, "6s").Should(BeFalse(), w.said)
		healthy.Store(true)
		Expect(w.status()).To(Equal(0))
		end(a, b)
	})

	it("goes on waiting for one that is started again", func() {
		s.specs(func() supervision.Spec { a := probed("a", 30); a.Restart = supervision.RestartAlways; return a }())
		a := s.run("a", `if [ -e second ]; then echo up; sleep 1000; else touch second; exit 3; fi`)
		w := s.hold("a")
		a.waitFor("up")
		Consistently(w.isOver, "300ms").Should(BeFalse())
		healthy.Store(true)
		Expect(w.status()).To(Equal(0))
		end(a)
	})

	it("starts a chain of two hundred, the last one first", func() {
		s = newPlainSite(t)
		var specs []supervision.Spec
		for i := range 200 {
			spec := supervision.Spec{Name: strconv.Itoa(i), Readiness: &supervision.Check{Type: supervision.CheckProcess}}
			if i > 0 {
				spec = supervision.Spec{Name: strconv.Itoa(i), DependsOn: []string{strconv.Itoa(i - 1)}}
			}
			specs = append(specs, spec)
		}
		s.specs(specs...)
		var all []*process
		for i := range specs {
			all = append(all, s.run(strconv.Itoa(len(specs)-1-i), "echo up; exec sleep 1000"))
		}
		all[0].waitFor("up")
		for _, p := range all {
			p.waitFor("up") // it is ready when its process runs
			p.signal(syscall.SIGKILL)
		}
		for _, p := range all {
			Expect(p.status()).To(Equal(128 + 9))
		}
	})

	it("does hardly anything while it waits", func() {
		s = newPlainSite(t)
		s.specs(supervision.Spec{Name: "a"})
		state, err := json.Marshal(supervision.State{Version: supervision.StateVersion, Name: "a", Phase: supervision.PhaseStarting, Since: time.Now()})
		Expect(err).NotTo(HaveOccurred())
		s.put("run/0.json", string(state), 0o644)
		fd, err := unix.InotifyInit1(unix.IN_CLOEXEC)
		Expect(err).NotTo(HaveOccurred())
		opened := os.NewFile(uintptr(fd), "inotify")
		defer opened.Close()
		_, err = unix.InotifyAddWatch(fd, filepath.Join(s.directory, "run/0.json"), unix.IN_OPEN)
		Expect(err).NotTo(HaveOccurred())

		// It looks after 10 ms, 20 ms and so on, and once a second in the end. A machine under load
		// makes that longer and never shorter.
		const looks = 11
		least := time.Duration(0)
		for i, pause := 1, firstLook; i < looks; i, pause = i+1, min(2*pause, longestLook) {
			least += pause
		}
		began := time.Now()
		w := s.hold("a")
		for seen := 0; seen < looks; {
			events := make([]byte, unix.SizeofInotifyEvent) // of a file that is watched itself, without a name
			_, err := io.ReadFull(opened, events)
			Expect(err).NotTo(HaveOccurred())
			seen++
		}
		Expect(time.Since(began)).To(BeNumerically(">=", least/2), "it looked more often")
		Expect(w.isOver()).To(BeFalse())
		w.signal(syscall.SIGKILL)
		w.status()
	})

	it("is woken by a change, and by each", func() {
		told := &publisher{path: supervision.StatePath(s.directory, 0), warn: t.Errorf, state: supervision.State{Name: "a"}}
		told.update(func(state *supervision.State) { state.Phase = supervision.PhaseStarting })
		all := []*waiter{newWaiter(told.path), newWaiter(told.path)}
		for i := range 3 {
			for _, w := range all {
				w.begin()
				Expect(w.wait(time.Millisecond)).To(BeFalse(), "nothing has changed")
			}
			told.update(func(state *supervision.State) { state.Pid = i + 1 })
			for _, w := range all {
				Expect(w.wait(time.Hour)).To(BeTrue())
			}
		}
		all[0].close()
		told.update(func(state *supervision.State) { state.Phase = supervision.PhaseReady }) // with no process waiting any more
	})

	it("names now and then for whom it waits, and for whom that one does", func() {
		s.specs(probed("a", 0), supervision.Spec{Name: "b", DependsOn: []string{"a"}}, supervision.Spec{Name: "c", DependsOn: []string{"b"}})
		a, b, c := s.run("a", "sleep 1000"), s.run("b", "sleep 1000"), s.run("c", "sleep 1000")
		const answer = `GET http://127\.0\.0\.1:[0-9]+/ready: status 503 Service Unavailable\n`
		Eventually(c.said).Should(MatchRegexp(`(?m)^\[supervise\] c: waits for "b" for [0-9]+s: it waits for "a": ` + answer))
		Eventually(b.said).Should(MatchRegexp(`(?m)^\[supervise\] b: waits for "a" for [0-9]+s: ` + answer))
		w := s.hold("b")
		Eventually(w.said).Should(MatchRegexp(`(?m)^\[supervise\] the app waits for "b" for [0-9]+s: it waits for "a": ` + answer))
		healthy.Store(true)
		Expect(w.status()).To(Equal(0))
		end(a, b, c)
	})

	it("ends with the process that it is held for", func() {
		s.specs(supervision.Spec{Name: "a"})
		s.asks(appstart.Sidecar{Name: "a", ProcessTypes: []string{"web"}, HoldApp: true})
		p := s.startCommand(exec.Command("bash", "-c", `bin/supervise --app $$ & echo $!; wait`))
		var pid int
		Eventually(func() (err error) {
			pid, err = strconv.Atoi(strings.TrimSpace(p.wrote()))
			return err
		}).Should(Succeed())
		// It has to have asked for it.
		Eventually(func() int { return len(s.living()) }).Should(Equal(2))
		Eventually(func() string { return p.read("/proc/" + strconv.Itoa(pid) + "/comm") }).Should(Equal("supervise\n"))
		Eventually(filepath.Join(s.directory, supervision.RunDirectory)).Should(BeADirectory(), "what it does next")
		p.signal(syscall.SIGKILL)
		Expect(p.status()).To(Equal(128 + 9))
		Eventually(s.living).Should(BeEmpty())
	})

	it("ends when it is told to while it waits", func() {
		s.specs(supervision.Spec{Name: "a"}, supervision.Spec{Name: "b", DependsOn: []string{"a"}, Restart: supervision.RestartAlways})
		p := s.run("b", "echo up")
		Eventually(s.phase("b")).Should(Equal(supervision.PhaseWaiting))
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(128 + 15))
		Expect(p.wrote()).To(BeEmpty())
	})

	context("failure cases", func() {
		it("says which is not ready in time, and what it answered last", func() {
			s.specs(probed("a", 1), supervision.Spec{Name: "b", DependsOn: []string{"a"}})
			a := s.run("a", "sleep 1000")
			Eventually(s.phase("a")).Should(Equal(supervision.PhaseStarting))
			Eventually(func() string { return s.state("a").LastError }).ShouldNot(BeEmpty())
			const line = `"a" is not ready after 1s: GET http://127.0.0.1:PORT/ready: status 503 Service Unavailable, and `
			b, w := s.run("b", "echo up"), s.hold("a")
			Expect(b.status()).To(Equal(1))
			Expect(b.wrote()).To(BeEmpty())
			Expect(b.said()).To(Equal("[supervise] b: " + strings.ReplaceAll(line, "PORT", at) + "b needs it; the app's instance ends\n"))
			Expect(w.status()).To(Equal(1))
			Expect(w.said()).To(Equal("[supervise] " + strings.ReplaceAll(line, "PORT", at) + "the app waits for it; the app's instance ends\n"))
			Expect(s.state("b").Phase).NotTo(Equal(supervision.PhaseWaiting), "it does not wait any more")
			end(a)
		})

		it("says what it knows of one that is not there, or not any more", func() {
			waits := func(name, message string) {
				t.Helper()
				w := s.hold(name)
				Expect(w.status()).To(Equal(1))
				Expect(w.said()).To(Equal(`[supervise] "` + name + `" is not ready after 1s: ` + message + ", and the app waits for it; the app's instance ends\n"))
			}
			never := probed("slow", 1)
			never.Readiness.InvocationTimeout = 3600
			never.Env[0].Value = listen(t, func(connection *net.TCPConn) { _, _ = connection.Read(make([]byte, 1)); <-t.Context().Done() })
			s.specs(
				supervision.Spec{Name: "none", Timeout: 1}, never,
				supervision.Spec{Name: "ended", Timeout: 1, Restart: supervision.RestartOnFailure, RestartLimit: 9},
				supervision.Spec{Name: "waiting", Timeout: 1, DependsOn: []string{"none"}},
				supervision.Spec{Name: "killed", Timeout: 1, DependsOn: []string{"forever"}}, supervision.Spec{Name: "forever"},
				supervision.Spec{Name: "over", Timeout: 1, Restart: supervision.RestartOnFailure},
			)
			waits("none", "it was not started")

			slow := s.run("slow", "sleep 1000")
			Eventually(s.phase("slow")).Should(Equal(supervision.PhaseStarting))
			waits("slow", "it has not been probed yet")

			Expect(s.run("over", "true").status()).To(Equal(0))
			waits("over", "it has ended")

			waiting := s.run("waiting", "true")
			Expect(waiting.status()).To(Equal(1))
			waits("waiting", "it has ended")

			killed := s.run("killed", "true")
			Eventually(s.phase("killed")).Should(Equal(supervision.PhaseWaiting))
			killed.signal(syscall.SIGKILL)
			Expect(killed.status()).To(Equal(128 + 9))
			waits("killed", "it was ended while it waited for others")

			// It pauses for 1, 2, 4 and 8 seconds, the last of which are enough to wait for it for a second.
			ended := s.run("ended", "exit 3")
			Eventually(func() int { return s.state("ended").Restarts }).Should(BeNumerically(">=", 4))
			waits("ended", "it ended with status 3")
			ended.signal(syscall.SIGTERM)
			Expect(ended.status()).To(Equal(3))
			end(slow)
		})
	})
}
