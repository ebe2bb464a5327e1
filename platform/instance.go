package platform

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// cellID is the name of this machine in the platform's log lines.
const cellID = "local"

// An instance is one of a process type's: the app's process and its sidecars in
// one container. It is run again after each crash, with a new guid.
type instance struct {
	platform *Platform
	app      Application
	process  launch.PlannedProcess
	droplet  Droplet
	index    int
	port     int
	guid     string
	log      *Log
	// tell tells those who show it how the instance is (see board.place).
	tell func(change func(*RunningInstance))
}

// run starts the instance and returns when it is gone: with nothing where the
// context has ended it, otherwise with how it crashed. The error says that it
// could not be run at all.
func (i *instance) run(ctx context.Context) (crashed *crash, err error) {
	i.tell(func(r *RunningInstance) { r.Health, r.Details = HealthStarting, "" })
	i.log.cell(i.index, "Cell %s creating container for instance %s", cellID, i.guid)
	root, remove, err := i.platform.workspace("instance")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	done := i.log.working(sourceCell, i.index, "Unpacking the droplet")
	err = i.platform.untar(ctx, i.droplet.archive(), root)
	done()
	if ctx.Err() != nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	i.log.cell(i.index, "Cell %s successfully created container for instance %s", cellID, i.guid)
	if ctx.Err() != nil {
		return nil, nil
	}

	c := &container{guid: i.guid, root: root, platform: i.platform}
	defer func() {
		i.log.cell(i.index, "Cell %s destroying container for instance %s", cellID, i.guid)
		c.destroy()
		i.log.cell(i.index, "Cell %s successfully destroyed container for instance %s", cellID, i.guid)
	}()
	for _, p := range i.processes(root) {
		if err := c.start(p); err != nil {
			c.stop(gracefulShutdown)
			return nil, fmt.Errorf("failed to start %s: %w", p.source, err)
		}
	}
	i.tellStarted(c)
	return i.watch(ctx, c), nil
}

// tellStarted tells of the processes that have been started.
func (i *instance) tellStarted(c *container) {
	var pids []int
	for _, p := range c.processes {
		pids = append(pids, p.command.Process.Pid)
	}
	i.tell(func(r *RunningInstance) {
		r.Root, r.Started, r.Pids = c.root, time.Now(), pids
		if i.app.healthCheck(i.process.Type).Type == HealthCheckProcess {
			r.Health = HealthRunning
		}
	})
}

// processes are the app's own and its sidecars', each started by the launcher
// in the droplet's root (PR-14, PR-26).
func (i *instance) processes(root string) []*process {
	source := "APP/PROC/" + sourceName(i.process.Type)
	s := share{app: i.app, processType: i.process.Type, port: i.port, guid: i.guid, index: i.index}

	s.limit = i.process.MemoryLimit
	processes := []*process{i.launch(root, source, i.process.Command, s)}
	for _, sidecar := range i.process.Sidecars {
		s.limit = sidecar.MemoryLimit
		processes = append(processes, i.launch(root, source+"/SIDECAR/"+sourceName(sidecar.Name), sidecar.Command, s))
	}
	return processes
}

// sourceName is a name as it stands in the source of a log line (PR-20).
func sourceName(name string) string {
	return strings.ToUpper(oneLine(name))
}

// oneLine is a name without what would break a log line.
func oneLine(name string) string {
	return strings.Map(func(char rune) rune {
		if !printable.Rune(char) {
			return '_'
		}
		return char
	}, name)
}

func (i *instance) launch(root, source, command string, s share) *process {
	const executionMetadata = ""
	launcher := i.platform.Lifecycle.Launcher.command("app", command, executionMetadata)
	launcher.Dir = root
	launcher.Env = i.platform.runningEnvironment(s)
	return &process{command: launcher, source: source, index: i.index, log: i.log}
}

// watch waits for the first of the processes to end, or for the health check to
// fail, and ends the others (PR-17).
func (i *instance) watch(ctx context.Context, c *container) *crash {
	checking, endChecks := context.WithCancel(ctx)
	defer endChecks()
	unwell := make(chan error, 1)
	var monitor sync.WaitGroup
	monitor.Go(func() {
		if err := i.monitor(checking); err != nil {
			unwell <- err
		}
	})

	first, reports := i.reports(c)
	var cause string
	select {
	case <-ctx.Done():
	case p := <-first:
		cause = i.describe(p)
	case err := <-unwell:
		cause = err.Error()
	}
	endChecks()
	monitor.Wait()
	ended := time.Now()
	i.tell(func(r *RunningInstance) { r.Health, r.Details = HealthStopping, cause })
	if cause == "" {
		i.log.cell(i.index, "Cell %s stopping instance %s", cellID, i.guid)
	}
	defer i.log.working(sourceCell, i.index, fmt.Sprintf("Stopping %s/%d", i.process.Type, i.index))()
	c.stop(gracefulShutdown)
	reports.Wait()
	if cause == "" {
		return nil
	}
	return &crash{description: cause, at: ended}
}

// monitor checks the instance's health until the context ends. Of a web process
// that the platform does not check, too, it is told where it can be reached.
func (i *instance) monitor(ctx context.Context) error {
	check := i.app.healthCheck(i.process.Type)
	if check.Type == HealthCheckProcess {
		if i.process.Type == launch.WebProcess && check.listens(ctx, i.port) {
			i.announce()
		}
		return nil
	}
	started := sync.OnceFunc(i.log.working(sourceCell, i.index, fmt.Sprintf("Waiting for %s/%d to become healthy", i.process.Type, i.index)))
	defer started()
	return check.monitor(ctx, i.port, i.index, i.log, func(err error) {
		if err != nil {
			i.tell(func(r *RunningInstance) { r.Details = err.Error() })
			return
		}
		i.tell(func(r *RunningInstance) { r.Health, r.Details = HealthHealthy, "" })
		started()
		i.announce()
	})
}

// reports writes the exit status of each process when it ends, and hands out
// the first.
func (i *instance) reports(c *container) (<-chan *process, *sync.WaitGroup) {
	first := make(chan *process, len(c.processes))
	var all sync.WaitGroup
	for _, p := range c.processes {
		all.Go(func() {
			<-p.exited
			text := fmt.Sprintf("Exit status %d", p.status)
			if why := p.killed.Load(); why != nil {
				text += *why
			}
			i.log.line(p.source, i.index, out, text)
			first <- p
		})
	}
	return first, &all
}

// describe says how the first process to end has brought the instance down. The
// platform has but a few words for one that ended with status 0, so that it is
// named in a line of its own.
func (i *instance) describe(p *process) string {
	if p.status == 0 {
		i.log.cell(i.index, "%s: Exited with status 0. App and sidecars run together or not at all, so the instance ends.", p.source)
		return "Codependent step exited"
	}
	return fmt.Sprintf("%s: Exited with status %d", p.source, p.status)
}

// announce tells where the instance can be reached.
func (i *instance) announce() {
	if i.process.Type == launch.WebProcess {
		i.log.cell(i.index, "%s is up at http://127.0.0.1:%d", i.app.Name, i.port)
	}
}
