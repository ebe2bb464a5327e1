// Package run keeps the instances of a droplet running on this machine, as Diego does: each in a
// container with its sidecars and a port. It checks them, and restarts them after a crash, until
// they are stopped.
package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/droplets"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/status"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// Running returns the running apps, sorted by name.
func (p *Runner) Running() []status.RunningApp { return p.registry.Running() }

// Close releases the ports. It does not close the cell.
func (p *Runner) Close() { p.ports.close() }

// Run runs every instance of the plan, and returns when the context has ended and all of them are
// gone. It restarts crashed instances (CF-19); if no instance of a process type ever starts, it
// ends the run with a *StartError. port is that of the first web instance; 0 means DefaultPort or,
// if that is taken, any free port.
func (p *Runner) Run(ctx context.Context, app push.Application, plan controller.Plan, droplet droplets.Droplet, port int, log *show.Log) error {
	instances, err := p.instances(app, plan, droplet, port, log)
	if err != nil {
		return err
	}
	if len(instances) == 0 {
		return fmt.Errorf("there is nothing to run: no process of %s has an instance", app.Name)
	}
	for _, name := range shared(plan) {
		log.Cell(0, "Sidecar %s runs more than once, and all of this machine's instances share its network: a port of a fixed number can be had by one of them only", name)
	}
	told, withdraw := p.registry.Register(status.RunningApp{Name: app.Name, Plan: plan}, p.Environ, p.TempDir, func(err error) {
		log.Cell(0, "sidecar ps and sidecar plan --running do not know how %s is: %s", app.Name, err)
	})
	defer withdraw()
	starting := newStarts(instances)
	for number, i := range instances {
		i.tell, i.starts = told.Updater(number), starting
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, len(instances))
	var all sync.WaitGroup
	for _, i := range instances {
		all.Go(func() {
			err := i.keep(ctx)
			if err == nil {
				return
			}
			failed <- err
			if !errors.Is(err, errNotRestarted) { // in that case, the others keep running
				cancel()
			}
		})
	}
	all.Wait()
	close(failed)
	var problems []error
	for err := range failed {
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// shared returns the names of sidecars that run more than once.
func shared(plan controller.Plan) []string {
	runs := map[string]int{}
	for _, process := range plan.Running() {
		for _, sidecar := range process.Sidecars {
			runs[sidecar.Name] += process.Instances
		}
	}
	maps.DeleteFunc(runs, func(_ string, count int) bool { return count < 2 })
	return slices.Sorted(maps.Keys(runs))
}

// keep runs the instance again and again until the context ends (CF-19). It is an error if the
// instance could not run, has crashed too often, or has never started.
func (i *instance) keep(ctx context.Context) error {
	defer i.tell(func(r *status.RunningInstance) { r.Ended = true })
	for {
		if err := i.renewPort(); err != nil {
			return err
		}
		i.guid = cell.NewGUID()
		crashed, err := i.run(ctx)
		if err != nil {
			return err
		}
		if crashed == nil || ctx.Err() != nil {
			return nil
		}
		i.crashes = i.crashes.after(crashed.running)
		pause, again := i.crashes.backoff()
		i.report(*crashed)
		i.tellCrashed(*crashed, pause)
		switch {
		case !again:
			err := fmt.Errorf("%s/%d of %s %w; it has crashed %d times. The last reason: %s",
				i.process.Type, i.index, i.app.Name, errNotRestarted, i.crashes, crashed.description)
			i.log.Line(show.SourceCell, i.index, show.Err, err.Error())
			return err
		case pause == 0:
			continue
		case i.starts.failed(i.process.Type, i.index):
			return &StartError{App: i.app.Name, ProcessType: i.process.Type, Index: i.index, Crashes: int(i.crashes), Reason: crashed.description}
		}
		i.log.Cell(i.index, "%s/%d has crashed %d times; it is started again in %s", i.process.Type, i.index, i.crashes, pause)
		if !i.runner.Clock.Sleep(ctx, pause) {
			return nil
		}
		i.starts.again(i.process.Type, i.index)
	}
}

// renewPort gives the instance another port if another process has taken its port while it was
// down.
func (i *instance) renewPort() error {
	if _, err := free(i.port); err == nil {
		return nil
	}
	port, err := i.runner.ports.assign(0, false)
	if err != nil {
		return fmt.Errorf("failed to find a port for %s/%d: %w", i.process.Type, i.index, err)
	}
	i.log.Cell(i.index, "Port %d is in use by another program; %s/%d gets %d", i.port, i.process.Type, i.index, port)
	i.port = port
	return nil
}

func (p *Runner) instances(app push.Application, plan controller.Plan, droplet droplets.Droplet, port int, log *show.Log) ([]*instance, error) {
	var instances []*instance
	for _, process := range plan.Running() {
		for index := range process.Instances {
			assigned, err := p.ports.assign(port, process.Type == launch.WebProcess && index == 0)
			if err != nil {
				return nil, fmt.Errorf("failed to find a port for %s/%d: %w", process.Type, index, err)
			}
			instances = append(instances, &instance{
				runner: p, app: app, process: process, droplet: droplet, index: index, port: assigned, log: log,
			})
		}
	}
	return instances, nil
}

func newStarts(instances []*instance) *starts {
	s := &starts{instances: map[string]int{}, crashed: map[string]map[int]bool{}, succeeded: map[string]bool{}}
	for _, i := range instances {
		s.instances[i.process.Type]++
		s.crashed[i.process.Type] = map[int]bool{}
	}
	return s
}
