package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/celltest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/droplets"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/status"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

func testRun(t *testing.T, c spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		p          *Runner
		log        *show.Log
		written    *platformtest.Lines
		app        push.Application
		droplet    droplets.Droplet
		notes      string // a directory that outlives the instances
		ctx        context.Context
		cancel     context.CancelFunc
	)

	it.Before(func() {
		p = newRunner(t)
		log, written = celltest.NewLog()
		ctx, cancel = context.WithCancel(context.Background())
		t.Cleanup(cancel)
		notes = t.TempDir()
		app = push.NewApplication("app")
		app.Environment["NOTES"] = notes
		app.HealthChecks["web"] = push.HealthCheck{Type: push.HealthCheckProcess}

		droplet = droplets.Droplet(t.TempDir())
		platformtest.WriteFile(t, filepath.Join(string(droplet), "root/app/file"), "x", 0o644)
		platformtest.WriteFile(t, filepath.Join(string(droplet), "root/profile.d/0.sh"), "export FROM_PROFILE=yes\n", 0o644)
		output, err := exec.Command("tar", "-czf", droplet.Archive(), "-C", filepath.Join(string(droplet), "root"), "app", "profile.d").CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
	})

	// run runs the processes in the background.
	run := func(staged ...launch.Process) <-chan error {
		t.Helper()
		plan, err := controller.NewPlan(staged, app.Launch)
		Expect(err).NotTo(HaveOccurred())
		ended := make(chan error, 1)
		go func() {
			defer close(ended)
			ended <- p.Run(ctx, app, plan, droplet, 0, log)
		}()
		t.Cleanup(func() {
			p.Hurry()
			cancel()
			for range ended { // until it is closed
			}
		})
		return ended
	}
	// alone is the only instance of the app's web process, which is never restarted.
	alone := func(staged ...launch.Process) *instance {
		t.Helper()
		plan, err := controller.NewPlan(staged, app.Launch)
		Expect(err).NotTo(HaveOccurred())
		instances, err := p.instances(app, plan, droplet, 0, log)
		Expect(err).NotTo(HaveOccurred())
		Expect(instances).To(HaveLen(1))
		i := instances[0]
		i.guid, i.tell, i.starts = cell.NewGUID(), func(func(*status.RunningInstance)) {}, newStarts(instances)
		return i
	}
	// started lets an instance without a health check run until its start has succeeded.
	started := func(clock *platformtest.StoppedClock) {
		t.Helper()
		Eventually(clock.Sleeping).WithPolling(5 * time.Millisecond).Should(Equal([]time.Duration{runningAtLeast}))
		clock.Pass(runningAtLeast)
		Eventually(clock.Sleeping).WithPolling(5 * time.Millisecond).Should(BeEmpty())
	}
	stop := func(ended <-chan error) {
		t.Helper()
		cancel()
		Eventually(ended).Should(Receive(BeNil()))
	}
	web := func(command string) launch.Process { return launch.Process{Type: "web", Command: command} }
	sidecar := func(name, command string, memory int, types ...string) launch.Process {
		return launch.Process{Type: name, Command: command, Memory: memory, SidecarFor: types}
	}
	says := func(text string) {
		t.Helper()
		Eventually(written.Unstamped).WithPolling(5 * time.Millisecond).Should(ContainSubstring(text))
	}
	const wait = "; exec sleep 1000"

	it("CF-14, CF-20, CF-22, CF-23, CF-25: starts app and sidecars with the launcher, each with its share", func() {
		ended := run(
			web(`echo "I have $MEMORY_LIMIT in $(basename $PWD), $FROM_PROFILE, port $PORT"; echo $PORT > $NOTES/web`+wait),
			sidecar("config server", `echo "I have $MEMORY_LIMIT, $FROM_PROFILE"; echo $PORT > $NOTES/sidecar`+wait, 64, "web"),
			sidecar("free", `echo "I have $MEMORY_LIMIT"`+wait, 0, "web"),
		)
		says("[APP/PROC/WEB/0] OUT I have 960m in app, yes, port ")
		says("[APP/PROC/WEB/SIDECAR/CONFIG SERVER/0] OUT I have 64m, yes\n")
		says("[APP/PROC/WEB/SIDECAR/FREE/0] OUT I have 1024m\n")
		read := func(file string) string {
			content, err := exec.Command("cat", filepath.Join(notes, file)).Output()
			Expect(err).NotTo(HaveOccurred())
			return string(content)
		}
		stop(ended)
		Expect(read("sidecar")).To(Equal(read("web")))
	})

	it("says in the platform's words what it does", func() {
		ended := run(web("echo ready" + wait))
		says("OUT ready\n")
		stop(ended)
		guid := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)
		Expect(strings.Split(guid.ReplaceAllString(written.Unstamped(), "GUID"), "\n")).To(HaveExactElements(
			"[CELL/0] OUT Cell local creating container for instance GUID",
			"[CELL/0] OUT Cell local successfully created container for instance GUID",
			"[APP/PROC/WEB/0] OUT Invoking pre-start scripts.",
			"[APP/PROC/WEB/0] OUT Invoking start command.",
			"[APP/PROC/WEB/0] OUT ready",
			"[CELL/0] OUT Cell local stopping instance GUID",
			"[APP/PROC/WEB/0] OUT Exit status 143",
			"[CELL/0] OUT Cell local destroying container for instance GUID",
			"[CELL/0] OUT Cell local successfully destroyed container for instance GUID",
			"",
		))
	})

	it("CF-26: runs sidecars with the processes that they name, in every instance", func() {
		app.Process("web").Instances = new(2)
		app.Process("worker").Instances = new(1)
		ended := run(
			web("echo web $INSTANCE_INDEX"+wait), launch.Process{Type: "worker", Command: "echo worker $INSTANCE_INDEX" + wait},
			launch.Process{Type: "clock", Command: "echo clock"},
			sidecar("a", "echo a"+wait, 0, "web"), sidecar("b", "echo b"+wait, 0, "web", "worker"), sidecar("c", "echo c", 0, "clock"),
		)
		for _, line := range []string{
			"[APP/PROC/WEB/0] OUT web 0", "[APP/PROC/WEB/1] OUT web 1", "[APP/PROC/WORKER/0] OUT worker 0",
			"[APP/PROC/WEB/SIDECAR/A/0] OUT a", "[APP/PROC/WEB/SIDECAR/A/1] OUT a",
			"[APP/PROC/WEB/SIDECAR/B/0] OUT b", "[APP/PROC/WEB/SIDECAR/B/1] OUT b", "[APP/PROC/WORKER/SIDECAR/B/0] OUT b",
		} {
			says(line + "\n")
		}
		stop(ended)
		Expect(written.String()).NotTo(Or(ContainSubstring("WORKER/SIDECAR/A"), ContainSubstring("CLOCK")))
	})

	it("CF-17, CF-18, CF-19: restarts all of an instance where a sidecar is killed", func() {
		ended := run(
			web("echo web >> $NOTES/starts; echo web is here"+wait),
			sidecar("config-server", "while ! grep -qs web $NOTES/starts; do sleep 0.01; done; echo sidecar >> $NOTES/starts; if mkdir $NOTES/crashed 2>/dev/null; then kill -KILL $$; fi; echo sidecar is back"+wait, 0, "web"),
		)
		says("[APP/PROC/WEB/SIDECAR/CONFIG-SERVER/0] OUT sidecar is back\n")
		Eventually(func() string {
			content, err := exec.Command("sort", filepath.Join(notes, "starts")).Output()
			Expect(err).NotTo(HaveOccurred())
			return string(content)
		}).Should(Equal("sidecar\nsidecar\nweb\nweb\n"))
		stop(ended)
		Expect(written.Unstamped()).To(And(
			ContainSubstring("[APP/PROC/WEB/SIDECAR/CONFIG-SERVER/0] OUT Exit status 137\n"),
			ContainSubstring(`[API/0] OUT Process has crashed with type: "web"`),
			ContainSubstring(`"exit_description"=>"APP/PROC/WEB/SIDECAR/CONFIG-SERVER: Exited with status 137", "crash_count"=>1}`),
		))
		Expect(strings.Count(written.String(), "OUT Cell local creating container for instance")).To(Equal(2))
	})

	it("tells this program and others how each process is, until it has ended", func() {
		clock := stopClock(p)
		ended := run(web("while ! [ -e $NOTES/crash ]; do sleep 0.01; done; exit 3"), sidecar("s", "exec sleep 1000", 64, "web"))
		Eventually(func() []string { return told(p) }).WithPolling(5 * time.Millisecond).Should(Equal([]string{"running", "s running"}))
		Eventually(func() []status.Status { return status.Statuses(p.Running()) }).WithPolling(5 * time.Millisecond).Should(HaveExactElements(
			And(HaveField("Memory", BeNumerically(">", 0)), HaveField("Reserved", BeEquivalentTo(960)), HaveField("Restarts", 0)),
			And(HaveField("Memory", BeNumerically(">", 0)), HaveField("Reserved", BeEquivalentTo(64)), HaveField("Sidecar", "s")),
		))

		started(clock)
		platformtest.WriteFile(t, filepath.Join(notes, "crash"), "", 0o644)
		Eventually(func() []string { return told(p) }).WithPolling(5 * time.Millisecond).Should(Equal([]string{"crashed", "s crashed"}))
		Eventually(func() []status.Status { return status.Statuses(p.Running()) }).WithPolling(5 * time.Millisecond).Should(HaveEach(And(HaveField("Health", "crashed"), HaveField("Memory", BeZero()))))
		Eventually(func() status.Status { return status.Statuses(p.Running())[0] }).WithPolling(5 * time.Millisecond).Should(And(
			HaveField("Restarts", 3), HaveField("Details", MatchRegexp(`^APP/PROC/WEB: Exited with status 3; it is started again at [0-9:]{8}$`))))
		others, err := status.RunningApps(p.Environ, p.TempDir)
		Expect(err).NotTo(HaveOccurred())
		Expect(others).To(HaveLen(1))
		Expect(others[0].Instances).To(HaveExactElements(And(HaveField("Health", "crashed"), HaveField("Restarts", 3))))
		stop(ended)
		Expect(p.Running()).To(BeEmpty())
		Expect(status.RunningApps(p.Environ, p.TempDir)).To(BeEmpty())
	})

	it("tells what an instance's health check finds", func() {
		app.HealthChecks["web"] = push.HealthCheck{Type: push.HealthCheckPort, StartTimeout: time.Minute, InvocationTimeout: time.Second, Interval: time.Hour}
		ended := run(web("until [ -e $NOTES/listen ]; do sleep 0.01; done; " + platformtest.Listening(t, "0.0.0.0:$PORT")))
		Eventually(func() []status.Status { return status.Statuses(p.Running()) }).WithPolling(5 * time.Millisecond).Should(HaveExactElements(And(
			HaveField("Health", "starting"), HaveField("Details", HavePrefix("failed to make TCP connection to 127.0.0.1:")))))
		platformtest.WriteFile(t, filepath.Join(notes, "listen"), "", 0o644)
		Eventually(func() []status.Status { return status.Statuses(p.Running()) }).WithPolling(5 * time.Millisecond).Should(HaveExactElements(And(
			HaveField("Health", "healthy"), HaveField("Details", ""))))
		stop(ended)
	})

	it("CF-46: keeps an instance running that is not ready, and says that it gets no traffic", func() {
		answers := platformtest.WriteFile(t, filepath.Join(notes, "status"), "503", 0o644)
		app.Environment[platformtest.StatusVariable] = answers
		app.HealthChecks["web"] = push.HealthCheck{Type: push.HealthCheckPort, StartTimeout: time.Minute, InvocationTimeout: time.Minute, Interval: time.Hour}
		app.ReadinessChecks = map[string]push.HealthCheck{"web": {Type: push.HealthCheckHTTP, Endpoint: "/ready", InvocationTimeout: time.Minute, Interval: time.Millisecond}}
		ended := run(web(platformtest.Listening(t, "0.0.0.0:$PORT")))
		is := func() []status.Status { return status.Statuses(p.Running()) }
		Eventually(is).WithPolling(5 * time.Millisecond).Should(HaveExactElements(And(HaveField("Health", "unready"), HaveField("Details", MatchRegexp(
			`^Readiness check unsuccessful: failed to make HTTP request to '/ready' on port [0-9]+: received status code 503 in [0-9]+ms$`)))))
		Expect(written.Unstamped()).To(ContainSubstring("[HEALTH/0] OUT Starting readiness health monitoring of container\n"))
		Expect(written.Unstamped()).NotTo(ContainSubstring("is up at"))
		platformtest.WriteFile(t, answers, "200", 0o644)
		says("[HEALTH/0] OUT Container passed the readiness health check. Container marked ready and added to route pool.\n")
		says("[CELL/0] OUT app is up at http://127.0.0.1:")
		Eventually(is).WithPolling(5 * time.Millisecond).Should(HaveExactElements(And(HaveField("Health", "healthy"), HaveField("Details", ""))))
		platformtest.WriteFile(t, answers, "500", 0o644)
		says("[HEALTH/0] OUT Container failed the readiness health check. Container marked not ready and removed from route pool.\n")
		Eventually(is).WithPolling(5 * time.Millisecond).Should(HaveExactElements(And(HaveField("Health", "unready"), HaveField("Restarts", 0))))
		stop(ended)
	})

	it("CF-49: limits what app and sidecars log together", func() {
		stopClock(p)
		app.LogRateLimits = map[string]int64{"web": 200}
		long := strings.Repeat("x", 120)
		ended := run(
			web("echo "+long+"; touch $NOTES/said"+wait),
			sidecar("s", "until [ -e $NOTES/said ]; do sleep 0.01; done; echo "+long+"; touch $NOTES/gone"+wait, 0, "web"),
		)
		says("OUT app instance exceeded log rate limit (200 bytes/sec)\n")
		Eventually(filepath.Join(notes, "gone")).WithPolling(5 * time.Millisecond).Should(BeAnExistingFile())
		stop(ended)
		Expect(strings.Count(written.String(), long)).To(BeNumerically("<", 2))
		Expect(written.Unstamped()).NotTo(ContainSubstring("Exit status"))
		Expect(written.Unstamped()).To(ContainSubstring("[CELL/0] OUT Cell local stopping instance "), "the cell's own lines do not count")
	})

	it("CF-17: takes the end of a sidecar for a crash, even with status 0", func() {
		ended := run(web("exec sleep 1000"), sidecar("s", "mkdir $NOTES/crashed && exit 0; echo back"+wait, 0, "web"))
		says("OUT back\n")
		stop(ended)
		Expect(written.Unstamped()).To(And(
			ContainSubstring("[CELL/0] OUT APP/PROC/WEB/SIDECAR/S: Exited with status 0. App and sidecars run together or not at all, so the instance ends.\n"),
			ContainSubstring("[APP/PROC/WEB/0] OUT Exit status 143\n"),
			ContainSubstring(`"exit_description"=>"Codependent step exited"`),
		))
	})

	it("CF-17: kills what does not stop, once it is to hurry", func() {
		ended := run(web("trap 'echo heard' TERM; echo ready; while :; do sleep 0.01; done"))
		says("OUT ready\n")
		cancel()
		says("OUT heard\n")
		p.Hurry()
		Eventually(ended).Should(Receive(BeNil()))
		Expect(written.Unstamped()).To(ContainSubstring("[APP/PROC/WEB/0] OUT Exit status 137\n"))
	})

	it("CF-19: restarts at once twice, then after 30 seconds, and so on; counts anew after five minutes of running", func() {
		clock := stopClock(p)
		ended := run(web("until [ -e $NOTES/crash ]; do sleep 0.01; done; exit 3"))
		started(clock)
		crash := platformtest.WriteFile(t, filepath.Join(notes, "crash"), "", 0o644)
		for i, pause := range []time.Duration{
			30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 16 * time.Minute,
		} {
			Eventually(clock.Sleeping).WithPolling(5 * time.Millisecond).Should(Equal([]time.Duration{pause}))
			says(fmt.Sprintf("[CELL/0] OUT web/0 has crashed %d times; it is started again in %s\n", 3+i, pause))
			if i == 6 {
				Expect(os.Remove(crash)).To(Succeed())
			}
			clock.Pass(pause)
		}
		started(clock)
		clock.Pass(5 * time.Minute)
		platformtest.WriteFile(t, crash, "", 0o644)
		says(`"exit_description"=>"APP/PROC/WEB: Exited with status 3", "crash_count"=>1}`)
		stop(ended)
	})

	it("CF-47: names all that have ended at once, in the order in which they did", func() {
		i := alone(web("exit 3"), sidecar("s", "until [ -e $NOTES/end ]; do sleep 0.01; done; exit 4", 0, "web"), sidecar("t", "exec sleep 1000", 0, "web"))
		i.tell = func(change func(*status.RunningInstance)) {
			var is status.RunningInstance
			if change(&is); is.Health == status.HealthStopping { // the app has ended, and nothing has been told to stop yet
				platformtest.WriteFile(t, filepath.Join(notes, "end"), "", 0o644)
				says("[APP/PROC/WEB/SIDECAR/S/0] OUT Exit status 4\n")
			}
		}
		crashed, err := i.run(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(crashed.description).To(Equal("APP/PROC/WEB: Exited with status 3; APP/PROC/WEB/SIDECAR/S: Exited with status 4"))
		Expect(written.Unstamped()).To(ContainSubstring("[APP/PROC/WEB/SIDECAR/T/0] OUT Exit status 143\n"))
	})

	it("CF-48: says that a crashed instance is stopped before its container is destroyed", func() {
		i := alone(web("exit 3"), sidecar("s", "exec sleep 1000", 0, "web"))
		_, err := i.run(ctx)
		Expect(err).NotTo(HaveOccurred())
		lines := strings.Split(strings.TrimSpace(written.Unstamped()), "\n")
		Expect(lines[len(lines)-4:]).To(HaveExactElements(
			HaveSuffix("Exit status 143"),
			"[CELL/0] OUT Cell local stopping instance "+i.guid,
			"[CELL/0] OUT Cell local destroying container for instance "+i.guid,
			"[CELL/0] OUT Cell local successfully destroyed container for instance "+i.guid,
		))
		Expect(strings.Count(written.String(), "stopping instance")).To(Equal(1))
	})

	c("failure cases", func() {
		it("ends where no start has succeeded, as cf push does", func() {
			stopClock(p)
			app.Process("web").Instances = new(2)
			app.Process("worker").Instances = new(1)
			var err error
			Eventually(run(web("exit 3"), launch.Process{Type: "worker", Command: "exec sleep 1000"})).Should(Receive(&err))
			var failed *StartError
			Expect(errors.As(err, &failed)).To(BeTrue())
			Expect(err).To(MatchError(MatchRegexp(`^start unsuccessful: web/[01] of app has crashed 3 times and was never up; cf push gives up here, too\. The last reason: APP/PROC/WEB: Exited with status 3$`)))
			Expect(strings.Count(written.String(), `"reason"=>"CRASHED"`)).To(Equal(6))
			Expect(written.Unstamped()).To(ContainSubstring("[APP/PROC/WORKER/0] OUT Exit status 143\n"))
		})

		it("CF-19: does not start an instance again that has crashed 200 times", func() {
			i := alone(web("exit 3"))
			i.crashes = 199
			const problem = "web/0 of app is not started again; it has crashed 200 times. The last reason: APP/PROC/WEB: Exited with status 3"
			Expect(i.keep(ctx)).To(MatchError(problem))
			Expect(written.Unstamped()).To(HaveSuffix("[CELL/0] ERR " + problem + "\n"))
		})

		it("crashes an instance that never gets healthy", func() {
			app.HealthChecks["web"] = push.HealthCheck{Type: push.HealthCheckPort, StartTimeout: time.Millisecond, InvocationTimeout: time.Second, Interval: time.Hour}
			Eventually(run(web("exec sleep 1000"))).Should(Receive(MatchError(ContainSubstring("The last reason: Instance never healthy after "))))
			Expect(written.Unstamped()).To(And(ContainSubstring("startup health check never passed.\n"), ContainSubstring(`"exit_description"=>"Instance never healthy after `)))
		})

		it("says that there is nothing to run", func() {
			app.Process("web").Instances = new(0)
			Eventually(run(web("x"))).Should(Receive(MatchError("there is nothing to run: no process of app has an instance")))
		})

		it("says that the droplet cannot be unpacked, and stops the other instances", func() {
			platformtest.WriteFile(t, droplet.Archive(), "none", 0o644)
			app.Process("web").Instances = new(2)
			Eventually(run(web("x"))).Should(Receive(MatchError(ContainSubstring("failed to unpack " + droplet.Archive()))))
		})

		it("says that the launcher cannot be started", func() {
			p.Lifecycle.Launcher.Path = "/no/such/launcher"
			Eventually(run(web("x"), sidecar("s", "x", 0, "web"))).Should(Receive(MatchError("failed to start APP/PROC/WEB: fork/exec /no/such/launcher: no such file or directory")))
		})

		it("says that the wanted port is taken", func() {
			taken := &ports{}
			port, err := taken.assign(0, false)
			Expect(err).NotTo(HaveOccurred())
			defer taken.close()
			plan, err := controller.NewPlan([]launch.Process{web("x")}, app.Launch)
			Expect(err).NotTo(HaveOccurred())
			Expect(p.Run(ctx, app, plan, droplet, port, log)).To(MatchError("failed to find a port for web/0: another instance, or another run of sidecar, has been given the port"))
			Expect(p.Run(ctx, app, plan, droplet, -1, log)).To(MatchError("failed to find a port for web/0: listen tcp4 127.0.0.1:-1: bind: invalid argument"))
		})
	})
}

// stopClock stops the clock of a platform that runs nothing yet.
func stopClock(p *Runner) *platformtest.StoppedClock {
	clock := platformtest.NewStoppedClock()
	p.Clock = clock
	return clock
}

// told is how the processes are that a platform runs.
func told(p *Runner) []string {
	var found []string
	for _, s := range status.Statuses(p.Running()) {
		found = append(found, strings.TrimSpace(s.Sidecar+" "+s.Health))
	}
	return found
}
