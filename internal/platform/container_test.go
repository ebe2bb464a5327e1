package platform

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	isolated "github.com/cloudfoundry-community/sidecar-buildpack/internal/container"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
)

// gone tells that there is no such process, nor its remains.
func gone(pid int) bool {
	return syscall.Kill(pid, 0) == syscall.ESRCH
}

// A vessel is a container with one process of bash, of which pids are read from
// files.
type vessel struct {
	*container
	*process
	t   *testing.T
	dir string
}

func startVessel(t *testing.T, p *Cell, log *show.Log, script string) vessel {
	t.Helper()
	v := vessel{t: t, dir: t.TempDir()}
	guid := newGUID()
	var err error
	v.container, err = p.newContainer(guid, v.dir, v.dir, t.TempDir(), []string{p.Init})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	v.process = &process{source: "APP/PROC/WEB", log: log, command: isolated.Command{
		Path: "/bin/bash", Args: []string{"bash", "-c", script}, Dir: v.Inside(v.dir), Env: []string{"PATH=" + os.Getenv("PATH"), "CF_INSTANCE_GUID=" + guid},
	}}
	NewWithT(t).Expect(v.container.start(v.process)).To(Succeed())
	t.Cleanup(func() {
		v.stop(0)
		v.destroy()
	})
	return v
}

// listeners finds the sockets of the process, and of all that it has started.
func (v vessel) listeners() func() ([]listener, bool) {
	return func() ([]listener, bool) { return listeners(v.members()) }
}

// pid waits for a process that writes its pid into a file.
func (v vessel) pid(file string) int {
	v.t.Helper()
	var pid int
	NewWithT(v.t).Eventually(func() error {
		content, err := os.ReadFile(filepath.Join(v.dir, file))
		if err != nil {
			return err
		}
		pid, err = strconv.Atoi(strings.TrimSpace(string(content)))
		return err
	}).WithPolling(5 * time.Millisecond).Should(Succeed())
	return pid
}

func testContainer(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		p          *Cell
		log        *show.Log
		written    *platformtest.Lines
	)

	it.Before(func() {
		p = newCell(t)
		log, written = newLog()
	})

	for _, one := range []struct {
		script string
		status int
	}{
		{"exit 0", 0}, {"exit 3", 3}, {"exit 255", 255}, {"kill -KILL $$", 137}, {"kill -TERM $$", 143}, {"kill -SEGV $$", 139}, {"no-such-program", 127},
	} {
		it(fmt.Sprintf("knows status %d of %s", one.status, one.script), func() {
			v := startVessel(t, p, log, one.script)
			Eventually(v.exited).Should(BeClosed())
			v.destroy()
			Expect(v.status).To(Equal(one.status))
			Expect(gone(v.running.Pid)).To(BeTrue())
		})
	}

	it("has all output in the log when it says that a process has ended", func() {
		for range 20 {
			log, written = newLog()
			v := startVessel(t, p, log, "for i in {1..500}; do echo out $i; done; echo err >&2; printf last")
			<-v.exited
			Expect(strings.Count(written.String(), "\n")).To(Equal(502))
			Expect(written.Unstamped()).To(And(
				ContainSubstring("[APP/PROC/WEB/0] OUT out 500\n"), ContainSubstring("[APP/PROC/WEB/0] ERR err\n"), ContainSubstring("[APP/PROC/WEB/0] OUT last\n")))
			v.destroy()
		}
	})

	it("CF-17: stops with SIGTERM what heeds it", func() {
		v := startVessel(t, p, log, "trap 'echo bye; exit 4' TERM; echo ready; sleep 1000 & wait")
		Eventually(written.String).Should(ContainSubstring("ready"))
		v.stop(time.Minute)
		Expect(v.status).To(Equal(4))
		Expect(v.killed.Load()).To(BeNil())
		Expect(written.String()).To(ContainSubstring("bye"))
		v.destroy()
	})

	it("CF-17: kills what is still there after the grace period, and says so", func() {
		v := startVessel(t, p, log, "trap '' TERM; echo ready; while :; do sleep 1000; done")
		Eventually(written.String).Should(ContainSubstring("ready"))
		v.stop(20 * time.Millisecond)
		Expect(v.status).To(Equal(137))
		Expect(v.killed.Load()).To(HaveValue(Equal(" (exceeded 20ms graceful shutdown interval)")))
		v.destroy()
	})

	it("kills at once what is to hurry, also where that is said while it stops", func() {
		v := startVessel(t, p, log, "trap 'echo heard' TERM; echo ready; while :; do sleep 0.01; done")
		Eventually(written.String).Should(ContainSubstring("ready"))
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			v.stop(time.Hour)
		}()
		Eventually(written.String).Should(ContainSubstring("heard"))
		p.Hurry()
		p.Hurry()
		Eventually(stopped).Should(BeClosed())
		Expect(v.status).To(Equal(137))
		Expect(v.killed.Load()).To(HaveValue(BeEmpty()))
		v.destroy()
	})

	it("CF-17: signals all processes at once", func() {
		v := startVessel(t, p, log, "trap 'echo first heard' TERM; echo ready; until [ -e over ]; do sleep 0.01; done")
		second := startVessel(t, p, log, "trap 'echo second heard; exit' TERM; echo ready; sleep 1000 & wait")
		v.container.processes = append(v.container.processes, second.process)
		Eventually(func() int { return strings.Count(written.String(), "ready") }).Should(Equal(2))
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			v.stop(time.Hour)
		}()
		Eventually(written.String).Should(And(ContainSubstring("first heard"), ContainSubstring("second heard")))
		platformtest.WriteFile(t, filepath.Join(v.dir, "over"), "", 0o644)
		Eventually(stopped).Should(BeClosed())
		v.destroy()
	})

	it("grows by nothing over many containers", func() {
		run := func() {
			v := startVessel(t, p, log, "(setsid sleep 1000 >/dev/null 2>&1 &); sleep 1000 >/dev/null 2>&1 & exit 1")
			<-v.exited
			v.destroy()
		}
		run()
		files, goroutines := platformtest.OpenFiles(t), runtime.NumGoroutine()
		for range 200 {
			run()
		}
		Expect(platformtest.OpenFiles(t)).To(BeNumerically("<=", files))
		Eventually(runtime.NumGoroutine).Should(BeNumerically("<=", goroutines))
		Expect(p.processes.own).To(BeEmpty())
		Expect(p.processes.orphans()).To(BeEmpty())
	})

	context("failure cases", func() {
		it("says that a program is not there, and holds nothing open", func() {
			files := platformtest.OpenFiles(t)
			c, err := p.newContainer(newGUID(), t.TempDir(), "", t.TempDir(), nil)
			Expect(err).NotTo(HaveOccurred())
			Expect(c.start(&process{command: isolated.Command{Path: "/no/such/program"}, log: log})).To(MatchError("fork/exec /no/such/program: no such file or directory"))
			c.stop(time.Hour)
			c.destroy()
			Eventually(func() int { return platformtest.OpenFiles(t) }).Should(BeNumerically("<=", files))
		})
	})
}

func testOrphans(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		p      *Cell
		log    *show.Log
	)

	it.Before(func() {
		p = newCell(t)
		log, _ = newLog()
	})

	for _, one := range []struct{ name, script string }{
		{"holds the output", "echo $BASHPID > pid; exec sleep 1000"},
		{"ignores SIGTERM", "trap '' TERM HUP; echo $BASHPID > pid; while :; do sleep 1000; done"},
		{"has a session of its own", "exec setsid bash -c 'echo $$ > pid; exec sleep 1000'"},
		{"has a session of its own and its output elsewhere", "exec setsid bash -c 'echo $$ > pid; exec sleep 1000' >/dev/null 2>&1"},
		{"is a daemon", "setsid bash -c '(echo $BASHPID > pid; exec sleep 1000) &' &"},
		{"has scrubbed its environment", "setsid env -i bash -c '(echo $BASHPID > pid; exec sleep 1000) &' &"},
		{"has left its session, its environment and its directory", "setsid env -i bash -c 'cd /; (echo $BASHPID > $OLDPWD/pid; exec sleep 1000) &' &"},
		{"is stopped", "echo $BASHPID > pid; kill -STOP $BASHPID"},
	} {
		it("ends with the container what "+one.name, func() {
			v := startVessel(t, p, log, "("+one.script+") & until [ -s pid ]; do sleep 0.01; done; exit 3")
			pid := v.pid("pid")
			<-v.exited
			Expect(v.status).To(Equal(3))
			v.destroy()
			Expect(gone(pid)).To(BeTrue())
			Expect(p.processes.orphans()).To(BeEmpty())
		})
	}

	it("leaves alone what is another container's", func() {
		first := startVessel(t, p, log, "(setsid bash -c 'echo $$ > pid; exec sleep 1000' &); sleep 1000")
		second := startVessel(t, p, log, "(setsid bash -c 'echo $$ > pid; exec sleep 1000' &); sleep 1000")
		firstPID, secondPID := first.pid("pid"), second.pid("pid")
		first.stop(time.Minute)
		first.destroy()
		Expect(gone(firstPID)).To(BeTrue())
		Expect(gone(secondPID)).To(BeFalse())
		Expect(second.exited).NotTo(BeClosed())
		second.stop(time.Minute)
		second.destroy()
		Expect(gone(secondPID)).To(BeTrue())
	})

	it("leaves the status of what the platform has started to whoever waits for it", func() {
		own := exec.Command("sh", "-c", "exit 3")
		Expect(p.processes.add(own, own.Start)).To(Succeed())
		NewWithT(t).Eventually(func() string {
			stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", own.Process.Pid))
			Expect(err).NotTo(HaveOccurred())
			return string(stat)
		}).Should(ContainSubstring(") Z "))
		p.processes.killDescendants("another container's", "/nowhere")
		Expect(own.Wait()).To(MatchError("exit status 3"))
		p.processes.remove(own)
	})

	it("collects the remains of orphans while their container goes on", func() {
		v := startVessel(t, p, log, "for i in $(seq 50); do (setsid true &); done; echo $$ > pid; exec sleep 1000")
		v.pid("pid")
		NewWithT(t).Eventually(func() int { return len(p.processes.orphans()) }).Should(Equal(1), "the process alone")
		Expect(v.exited).NotTo(BeClosed())
	})

	it("collects the remains of what has ended by itself", func() {
		v := startVessel(t, p, log, "(setsid bash -c 'echo $$ > pid; exec sleep 0.01' &); until [ -s pid ]; do sleep 0.01; done; sleep 0.1")
		pid := v.pid("pid")
		<-v.exited
		v.destroy()
		Expect(gone(pid)).To(BeTrue())
	})
}
