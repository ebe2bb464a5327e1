package cell

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	isolated "github.com/cloudfoundry-community/sidecar-buildpack/internal/container"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
)

// A bashContainer is a container with one process of bash, of which pids are read from
// files.
type bashContainer struct {
	*Container
	*Process
	t   *testing.T
	dir string
}

func startBash(t *testing.T, p *Cell, log *show.Log, script string) bashContainer {
	t.Helper()
	v := bashContainer{t: t, dir: t.TempDir()}
	guid := NewGUID()
	var err error
	v.Container, err = p.NewContainer(guid, v.dir, v.dir, t.TempDir(), []string{p.Init})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	v.Process = &Process{Source: "APP/PROC/WEB", Log: log, Command: isolated.Command{
		Path: "/bin/bash", Args: []string{"bash", "-c", script}, Dir: v.Inside(v.dir), Env: []string{"PATH=" + os.Getenv("PATH"), "CF_INSTANCE_GUID=" + guid},
	}}
	NewWithT(t).Expect(v.Container.Start(v.Process)).To(Succeed())
	t.Cleanup(func() {
		v.Stop(0)
		v.Destroy()
	})
	return v
}

// pid waits for a process that writes its pid into a file.
func (v bashContainer) pid(file string) int {
	v.t.Helper()
	return platformtest.Pid(v.t, filepath.Join(v.dir, file))
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
			v := startBash(t, p, log, one.script)
			Eventually(v.Exited).Should(BeClosed())
			v.Destroy()
			Expect(v.Status).To(Equal(one.status))
			Expect(platformtest.Gone(v.Running.Pid)).To(BeTrue())
		})
	}

	it("has all output in the log when it says that a process has ended", func() {
		for range 20 {
			log, written = newLog()
			v := startBash(t, p, log, "for i in {1..500}; do echo out $i; done; echo err >&2; printf last")
			<-v.Exited
			Expect(strings.Count(written.String(), "\n")).To(Equal(502))
			Expect(written.Unstamped()).To(And(
				ContainSubstring("[APP/PROC/WEB/0] OUT out 500\n"), ContainSubstring("[APP/PROC/WEB/0] ERR err\n"), ContainSubstring("[APP/PROC/WEB/0] OUT last\n")))
			v.Destroy()
		}
	})

	it("CF-17: stops with SIGTERM what heeds it", func() {
		v := startBash(t, p, log, "trap 'echo bye; exit 4' TERM; echo ready; sleep 1000 & wait")
		Eventually(written.String).Should(ContainSubstring("ready"))
		v.Stop(time.Minute)
		Expect(v.Status).To(Equal(4))
		Expect(v.Killed.Load()).To(BeNil())
		Expect(written.String()).To(ContainSubstring("bye"))
		v.Destroy()
	})

	it("CF-17: kills what is still there after the grace period, and says so", func() {
		v := startBash(t, p, log, "trap '' TERM; echo ready; while :; do sleep 1000; done")
		Eventually(written.String).Should(ContainSubstring("ready"))
		v.Stop(20 * time.Millisecond)
		Expect(v.Status).To(Equal(137))
		Expect(v.Killed.Load()).To(HaveValue(Equal(" (exceeded 20ms graceful shutdown interval)")))
		v.Destroy()
	})

	it("kills at once what is to hurry, also where that is said while it stops", func() {
		v := startBash(t, p, log, "trap 'echo heard' TERM; echo ready; while :; do sleep 0.01; done")
		Eventually(written.String).Should(ContainSubstring("ready"))
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			v.Stop(time.Hour)
		}()
		Eventually(written.String).Should(ContainSubstring("heard"))
		p.Hurry()
		p.Hurry()
		Eventually(stopped).Should(BeClosed())
		Expect(v.Status).To(Equal(137))
		Expect(v.Killed.Load()).To(HaveValue(BeEmpty()))
		v.Destroy()
	})

	it("CF-17: signals all processes at once", func() {
		v := startBash(t, p, log, "trap 'echo first heard' TERM; echo ready; until [ -e over ]; do sleep 0.01; done")
		second := startBash(t, p, log, "trap 'echo second heard; exit' TERM; echo ready; sleep 1000 & wait")
		v.Container.Processes = append(v.Container.Processes, second.Process)
		Eventually(func() int { return strings.Count(written.String(), "ready") }).Should(Equal(2))
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			v.Stop(time.Hour)
		}()
		Eventually(written.String).Should(And(ContainSubstring("first heard"), ContainSubstring("second heard")))
		platformtest.WriteFile(t, filepath.Join(v.dir, "over"), "", 0o644)
		Eventually(stopped).Should(BeClosed())
		v.Destroy()
	})

	it("grows by nothing over many containers", func() {
		run := func() {
			v := startBash(t, p, log, "(setsid sleep 1000 >/dev/null 2>&1 &); sleep 1000 >/dev/null 2>&1 & exit 1")
			<-v.Exited
			v.Destroy()
		}
		run()
		files, goroutines := platformtest.OpenFiles(t), runtime.NumGoroutine()
		for range 200 {
			run()
		}
		Expect(platformtest.OpenFiles(t)).To(BeNumerically("<=", files))
		Eventually(runtime.NumGoroutine).Should(BeNumerically("<=", goroutines))
		Expect(p.processes.own).To(BeEmpty())
		Expect(orphansOf(p)).To(BeEmpty())
	})

	context("failure cases", func() {
		it("says that a program is not there, and holds nothing open", func() {
			files := platformtest.OpenFiles(t)
			c, err := p.NewContainer(NewGUID(), t.TempDir(), "", t.TempDir(), nil)
			Expect(err).NotTo(HaveOccurred())
			Expect(c.Start(&Process{Command: isolated.Command{Path: "/no/such/program"}, Log: log})).To(MatchError("fork/exec /no/such/program: no such file or directory"))
			c.Stop(time.Hour)
			c.Destroy()
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
			v := startBash(t, p, log, "("+one.script+") & until [ -s pid ]; do sleep 0.01; done; exit 3")
			pid := v.pid("pid")
			<-v.Exited
			Expect(v.Status).To(Equal(3))
			v.Destroy()
			Expect(platformtest.Gone(pid)).To(BeTrue())
			Expect(orphansOf(p)).To(BeEmpty())
		})
	}

	it("leaves alone what is another container's", func() {
		first := startBash(t, p, log, "(setsid bash -c 'echo $$ > pid; exec sleep 1000' &); sleep 1000")
		second := startBash(t, p, log, "(setsid bash -c 'echo $$ > pid; exec sleep 1000' &); sleep 1000")
		firstPID, secondPID := first.pid("pid"), second.pid("pid")
		first.Stop(time.Minute)
		first.Destroy()
		Expect(platformtest.Gone(firstPID)).To(BeTrue())
		Expect(platformtest.Gone(secondPID)).To(BeFalse())
		Expect(second.Exited).NotTo(BeClosed())
		second.Stop(time.Minute)
		second.Destroy()
		Expect(platformtest.Gone(secondPID)).To(BeTrue())
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
		v := startBash(t, p, log, "for i in $(seq 50); do (setsid true &); done; echo $$ > pid; exec sleep 1000")
		v.pid("pid")
		NewWithT(t).Eventually(func() int { return len(orphansOf(p)) }).Should(Equal(1), "the process alone")
		Expect(v.Exited).NotTo(BeClosed())
	})

	it("collects the remains of what has ended by itself", func() {
		v := startBash(t, p, log, "(setsid bash -c 'echo $$ > pid; exec sleep 0.01' &); until [ -s pid ]; do sleep 0.01; done; sleep 0.1")
		pid := v.pid("pid")
		<-v.Exited
		v.Destroy()
		Expect(platformtest.Gone(pid)).To(BeTrue())
	})
}
