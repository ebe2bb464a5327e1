package status

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

func testStatus(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect   = NewWithT(t).Expect
		root     string
		app      RunningApp
		instance *RunningInstance
		then     = time.Date(2026, 11, 20, 16, 46, 47, 0, time.UTC)
		later    = then.Add(time.Minute)
	)

	it.Before(func() {
		root = t.TempDir()
		app = RunningApp{
			Name: "app",
			Plan: controller.Plan{Processes: []controller.PlannedProcess{{
				Type: "web", MemoryLimit: 192, Sidecars: []controller.PlannedSidecar{{Name: "plain"}, {Name: "watched", Command: `"$DEPS_DIR/03/bin/supervise" watched -- ./watched`, Memory: 64}}}}},
			Instances: []RunningInstance{{
				Type: "web", Index: 1, Health: HealthHealthy, Since: later, Restarts: 2, Root: root, Started: then, Pids: []int{os.Getpid(), -1, -2}}},
		}
		instance = &app.Instances[0]
	})
	// supervised is a sidecar with a supervisor, which has told what it says, if
	// anything.
	supervised := func(spec supervision.Spec, state *supervision.State) {
		directory := filepath.Join(root, "deps", "03")
		Expect(os.MkdirAll(directory, 0o755)).To(Succeed())
		Expect(supervision.Write(directory, []supervision.Spec{{Name: "other"}, spec})).To(Succeed())
		if state != nil {
			content, err := json.Marshal(state)
			Expect(err).NotTo(HaveOccurred())
			platformtest.WriteFile(t, filepath.Join(directory, supervision.RunDirectory, "1.json"), string(content), 0o644)
		}
	}
	watched := supervision.Spec{Name: "watched", Health: &supervision.Check{Type: supervision.CheckPort}}

	it("tells of an instance's own process, and of its sidecars", func() {
		statuses := Statuses([]RunningApp{app})
		Expect(statuses).To(HaveLen(3))
		Expect(statuses[0].Memory).To(BeNumerically(">", 0))
		statuses[0].Memory = 0
		Expect(statuses).To(Equal([]Status{
			{App: "app", Type: "web", Index: 1, Health: "healthy", Restarts: 2, Reserved: 192, Since: later},
			{App: "app", Type: "web", Index: 1, Sidecar: "plain", Health: "running", Since: then},
			{App: "app", Type: "web", Index: 1, Sidecar: "watched", Health: "running", Reserved: 64, Since: then},
		}))
	})

	it("tells of a sidecar what its supervisor does", func() {
		supervised(watched, &supervision.State{Name: "watched", Phase: supervision.PhaseUnhealthy, Restarts: 5, Since: later, LastError: "status 500"})
		Expect(Statuses([]RunningApp{app})[2]).To(Equal(
			Status{App: "app", Type: "web", Index: 1, Sidecar: "watched", Health: "unhealthy", Restarts: 5, Reserved: 64, Since: later, Details: "status 500"}))
	})

	it("says of a sidecar whose supervisor is of a newer version that this one cannot tell", func() {
		supervised(watched, &supervision.State{Version: 2, Name: "watched", Phase: "a new phase"})
		const why = `: found version "2"; expected 1: use the sidecar command of the buildpack that has staged the app, or stage it again with this one`
		Expect(Statuses([]RunningApp{app})[2]).To(And(HaveField("Health", "running"), HaveField("Details", HaveSuffix("1.json"+why))))
		platformtest.WriteFile(t, filepath.Join(root, "deps", "03", supervision.FileName), "version \"2\"\nanything\n", 0o600)
		Expect(Statuses([]RunningApp{app})[2]).To(And(HaveField("Health", "running"), HaveField("Details", HaveSuffix("supervise.conf"+why)), HaveField("Since", then)))
	})

	it("looks at no directory that the container's processes have made next to it, of which there may be thousands", func() {
		planted := filepath.Join(root, "deps", "11")
		Expect(os.MkdirAll(planted, 0o755)).To(Succeed())
		Expect(supervision.Write(planted, []supervision.Spec{{Name: "plain", Restart: supervision.RestartAlways}, {Name: "watched", Restart: supervision.RestartAlways}})).To(Succeed())
		statuses := Statuses([]RunningApp{app})
		Expect(statuses[1].Health).To(Equal("running"))
		Expect(statuses[2].Health).To(Equal("running"))
	})

	it("knows that a sidecar is only starting whose supervisor has told nothing yet", func() {
		supervised(watched, nil)
		Expect(Statuses([]RunningApp{app})[2]).To(And(HaveField("Health", "starting"), HaveField("Since", then)))
	})

	it("knows that a supervisor tells nothing of a sidecar that it does not stay with", func() {
		supervised(supervision.Spec{Name: "watched", Env: []supervision.Variable{{Name: "A"}}}, nil)
		Expect(Statuses([]RunningApp{app})[2].Health).To(Equal("running"))
	})

	it("has the sidecars end with their instance", func() {
		supervised(watched, &supervision.State{Name: "watched", Phase: supervision.PhaseReady, Restarts: 5})
		for _, health := range []string{HealthStopping, HealthCrashed} {
			instance.Health = health
			for _, s := range Statuses([]RunningApp{app}) {
				Expect(s).To(And(HaveField("Health", health), HaveField("Since", later)))
			}
		}
	})

	it("knows that nothing runs yet where there is no container", func() {
		*instance = RunningInstance{Type: "web", Health: HealthStarting, Since: then}
		for _, s := range Statuses([]RunningApp{app}) {
			Expect(s).To(And(HaveField("Health", "starting"), HaveField("Since", then), HaveField("Memory", BeZero())))
		}
	})

	it("counts the memory of all that a process has started", func() {
		written := &platformtest.Lines{}
		start := func(script string) int {
			command := exec.Command("bash", "-c", script)
			command.Stdout, command.SysProcAttr = written, &syscall.SysProcAttr{Setpgid: true}
			Expect(command.Start()).To(Succeed())
			t.Cleanup(func() {
				_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
				_ = command.Wait() // it was killed
			})
			return command.Process.Pid
		}
		// A descendant keeps this many bytes, more than any shell needs for itself. It starts
		// nothing later: a copy of it would share them for a moment.
		const text = 64_000_000
		small := start("(exec 3< <(exec sleep 1000); echo small; read -u 3); :")
		large := start(fmt.Sprintf("(exec 3< <(exec sleep 1000); x=$(head -c %d /dev/zero | tr '\\0' x); echo large; read -u 3); :", text))
		NewWithT(t).Eventually(written.String).Should(And(ContainSubstring("small"), ContainSubstring("large")))
		processes := processtree.All()
		used := func(pid int) int64 { return processtree.Resident(processtree.Family(processes, pid)) }
		Expect(used(small)).To(And(BeNumerically(">", 0), BeNumerically("<", text)), "that of another process is in it")
		Expect(used(large)).To(BeNumerically(">", text))
		Expect(processtree.Family(processes, -1)).To(BeEmpty())
	})

	it("rounds memory up to whole megabytes", func() {
		Expect(megabytes(0)).To(BeEquivalentTo(0))
		Expect(megabytes(1)).To(BeEquivalentTo(1))
		Expect(megabytes(1 << 20)).To(BeEquivalentTo(1))
		Expect(megabytes(1<<20 + 1)).To(BeEquivalentTo(2))
	})

	context("failure cases", func() {
		it("says that what a supervisor has told makes no sense", func() {
			supervised(watched, nil)
			platformtest.WriteFile(t, filepath.Join(root, "deps/03/run/1.json"), "none", 0o644)
			Expect(Statuses([]RunningApp{app})[2]).To(And(HaveField("Health", "starting"), HaveField("Details", ContainSubstring("failed to parse"))))
		})

		it("takes nothing amiss in what is told by another version of sidecar", func() {
			instance.Type = "none"
			Expect(Statuses([]RunningApp{app})).To(BeEmpty())
			instance.Type, instance.Pids = "web", []int{1, 2, 3, 4, 5}
			Expect(Statuses([]RunningApp{app})).To(HaveLen(3))
		})
	})
}
