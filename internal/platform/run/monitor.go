package run

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/status"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/watch"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// cellID is this machine's name in the platform's log lines.
const cellID = "local"

// watch waits until a process ends or the health check fails, and stops the other processes
// (CF-17). It returns nil if the context has ended the instance.
func (i *instance) watch(ctx context.Context, c *cell.Container) *crash {
	checking, endChecks := context.WithCancel(ctx)
	defer endChecks()
	up := &uptime{clock: i.runner.Clock, success: func() { i.starts.success(i.process.Type) }}
	unwell := make(chan error, 1)
	var monitor sync.WaitGroup
	monitor.Go(func() {
		if err := i.monitor(checking, c, up); err != nil {
			unwell <- err
		}
	})

	first, reports := i.reports(c)
	var causes []string
	told := false
	select {
	case <-ctx.Done():
		told = true
		i.log.Cell(i.index, "Cell %s stopping instance %s", cellID, i.guid)
	case p := <-first:
		causes = append(causes, exitDescription(p))
		i.explain(p)
	case err := <-unwell:
		causes = append(causes, err.Error())
	}
	ended := i.runner.Clock.Now()
	endChecks()
	monitor.Wait()
	i.tell(func(r *status.RunningInstance) {
		r.Health, r.Details = status.HealthStopping, strings.Join(causes, "; ")
	})
	defer i.log.Heartbeat(show.SourceCell, i.index, fmt.Sprintf("Stopping %s/%d", i.process.Type, i.index))()
	c.Stop(cell.GracefulShutdown)
	reports.Wait()
	if told {
		return nil
	}
	causes = append(causes, i.atOnce(first, unwell)...)
	return &crash{description: strings.Join(causes, "; "), at: ended, running: up.until(ended)}
}

// atOnce describes further failures: of processes that ended by themselves before they were stopped
// (CF-47).
func (i *instance) atOnce(ended <-chan *cell.Process, unwell <-chan error) []string {
	var causes []string
	for {
		select {
		case err := <-unwell:
			causes = append(causes, err.Error())
		case p, more := <-ended:
			if !more {
				return causes
			}
			if !p.Stopped.Load() {
				causes = append(causes, exitDescription(p))
				i.explain(p)
			}
		}
	}
}

// reports logs the exit status of each process after all of its output is in the log. The channel
// has the processes in the order in which they end.
func (i *instance) reports(c *cell.Container) (<-chan *cell.Process, *sync.WaitGroup) {
	ended := make(chan *cell.Process, len(c.Processes))
	var all, ends sync.WaitGroup
	for _, p := range c.Processes {
		ends.Go(func() {
			<-p.Ended
			ended <- p
		})
		all.Go(func() {
			<-p.Exited
			text := fmt.Sprintf("Exit status %d", p.Status)
			if why := p.Killed.Load(); why != nil {
				text += *why
			}
			i.say(p.Source, show.Out, text)
		})
	}
	all.Go(func() {
		ends.Wait()
		close(ended)
	})
	return ended, &all
}

// exitDescription describes how a process's end has crashed its instance (CF-18), in the platform's
// words, which say little about a process with status 0.
func exitDescription(p *cell.Process) string {
	if p.Status == 0 {
		return "Codependent step exited"
	}
	return fmt.Sprintf("%s: Exited with status %d", p.Source, p.Status)
}

// explain names the process whose end the crash's description does not mention.
func (i *instance) explain(p *cell.Process) {
	if p.Status == 0 {
		i.log.Cell(i.index, "%s: Exited with status 0. App and sidecars run together or not at all, so the instance ends.", p.Source)
	}
}

// monitor checks the instance's health and readiness until the context ends, or a health check
// fails.
func (i *instance) monitor(ctx context.Context, c *cell.Container, up *uptime) error {
	ctx, end := context.WithCancel(ctx)
	var both sync.WaitGroup
	defer both.Wait()
	defer end()
	found := &watch.Checks{Health: status.HealthStarting, Ready: true, Tell: i.tell, Announce: i.announce}
	readiness, ok := i.app.ReadinessCheck(i.process.Type)
	if ok {
		found.Ready = false
		m := watch.ReadinessMonitor{Interval: readiness.Interval, Logf: i.say, Found: found.Readiness}
		m.Check = i.probe(readiness, c).Check
		both.Go(func() { m.Run(ctx) })
	}
	check := i.app.HealthCheck(i.process.Type)
	if check.Type == push.HealthCheckProcess {
		if !ok {
			found.Announce = nil
			both.Go(func() { i.announceListening(ctx, c) })
		}
		up.begin()
		found.Up(status.HealthRunning)
		if i.runner.Clock.Sleep(ctx, runningAtLeast) {
			up.success()
		}
		<-ctx.Done()
		return nil
	}
	return i.monitorHealth(ctx, check, c, up, found)
}

// monitorHealth checks the instance's health.
func (i *instance) monitorHealth(ctx context.Context, check push.HealthCheck, c *cell.Container, up *uptime, found *watch.Checks) error {
	waiting := &watch.Startup{Process: fmt.Sprintf("%s/%d", i.process.Type, i.index), Root: c.Droplet, Sidecars: i.process.Sidecars}
	started := sync.OnceFunc(i.log.HeartbeatFunc(show.SourceCell, i.index, waiting.String))
	defer started()
	m := watch.HealthMonitor{StartTimeout: check.StartTimeout, Interval: check.Interval, Logf: i.say, Check: i.probe(check, c).Check}
	m.Found = func(err error) {
		waiting.Found(err)
		if err != nil {
			found.Down(err)
			return
		}
		up.begin()
		up.success()
		started()
		found.Up(status.HealthHealthy)
	}
	return m.Run(ctx)
}

// announceListening logs the address of a web instance without a health check once it listens, and
// warns if the platform could not reach it.
func (i *instance) announceListening(ctx context.Context, c *cell.Container) {
	if i.process.Type != launch.WebProcess {
		return
	}
	port := i.probe(push.HealthCheck{Type: push.HealthCheckPort, InvocationTimeout: push.DefaultInvocationTimeout}, c)
	for {
		err := port.Check(ctx)
		var loopback *watch.LoopbackError
		switch {
		case ctx.Err() != nil:
			return
		case errors.As(err, &loopback):
			i.log.Line(show.SourceCell, i.index, show.Err, fmt.Sprintf("No request reaches %s/%d on the platform: %s", i.process.Type, i.index, loopback))
		}
		if err == nil || loopback != nil {
			i.announce()
			return
		}
		if !clock.Sleep(ctx, watch.StartupInterval) {
			return
		}
	}
}

// probe makes single checks of the instance in a container.
func (i *instance) probe(check push.HealthCheck, c *cell.Container) watch.Probe {
	names := []string{"the app"}
	for _, sidecar := range i.process.Sidecars {
		names = append(names, "sidecar "+printable.OneLine(sidecar.Name))
	}
	return watch.Probe{Kind: check.Type, Endpoint: check.Endpoint, Timeout: check.InvocationTimeout, Port: i.port, Listeners: func() ([]watch.Listener, bool) { return watch.Listeners(c.Members()) }, Names: names}
}

// say logs a line that counts towards the instance's log rate.
func (i *instance) say(source string, s show.Stream, text string) {
	i.limit.Line(i.log, source, i.index, s, text)
}

// announce logs the instance's address.
func (i *instance) announce() {
	if i.process.Type == launch.WebProcess {
		i.log.Cell(i.index, "%s is up at http://127.0.0.1:%d", i.app.Name, i.port)
	}
}

// An uptime measures how long an instance is RUNNING in Diego's sense: since its health check has
// passed once or, without one, since its processes have started.
type uptime struct {
	clock clock.Clock
	// success notes that the instance has really started.
	success func()
	begun   time.Time
}

func (u *uptime) begin() { u.begun = u.clock.Now() }

// until returns how long it was RUNNING at this time; 0 if it never was.
func (u *uptime) until(end time.Time) time.Duration {
	if u.begun.IsZero() {
		return 0
	}
	return end.Sub(u.begun)
}
