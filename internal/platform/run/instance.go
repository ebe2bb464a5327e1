package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/droplets"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/status"
)

// A Runner runs droplets in containers of its cell.
type Runner struct {
	*cell.Cell
	ports    ports
	registry status.Registry
}

// An instance is one instance of a process type: the app's process and its sidecars in one
// container. It runs again after each crash, with a new GUID.
type instance struct {
	runner  *Runner
	app     push.Application
	process controller.PlannedProcess
	droplet droplets.Droplet
	index   int
	port    int
	guid    string
	crashes crashes
	log     *show.Log
	limit   *show.LogRate // of the log while it runs; nil: none
	// tell updates the instance's status (see Publisher.Updater).
	tell func(change func(*status.RunningInstance))
	// starts tracks, for all instances of the run, whether the app has ever started.
	starts *starts
}

// run starts the instance and returns when it has ended: with its crash, or nil if the context has
// ended it. It is an error if the instance could not run at all.
func (i *instance) run(ctx context.Context) (crashed *crash, err error) {
	i.tell(func(r *status.RunningInstance) { r.Health, r.Details = status.HealthStarting, "" })
	i.log.Cell(i.index, "Cell %s creating container for instance %s", cellID, i.guid)
	work, remove, err := i.runner.Workspace("instance")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	root, err := makeDirectories(work)
	if err != nil {
		return nil, err
	}
	mounted := later(func() (*cell.Mounts, error) { return i.mount() })
	defer func() {
		if m, failed := mounted(); failed == nil {
			err = errors.Join(err, m.Close())
		}
	}()
	done := i.log.Heartbeat(show.SourceCell, i.index, "Unpacking the droplet")
	err = i.runner.Untar(ctx, i.droplet.Archive(), root)
	done()
	if ctx.Err() != nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m, err := mounted()
	if err != nil {
		return nil, err
	}
	c, err := i.runner.NewContainer(i.guid, work, root, filepath.Join(work, "tmp"), i.runner.VisibleToInstance(i.app, m))
	if err != nil {
		return nil, err
	}
	i.runner.SayLacks(c, show.SourceCell, i.index, i.log)
	i.log.Cell(i.index, "Cell %s successfully created container for instance %s", cellID, i.guid)
	defer func() {
		if crashed != nil { // an instance that is stopped logs this before (CF-48)
			i.log.Cell(i.index, "Cell %s stopping instance %s", cellID, i.guid)
		}
		i.log.Cell(i.index, "Cell %s destroying container for instance %s", cellID, i.guid)
		c.Destroy()
		i.log.Cell(i.index, "Cell %s successfully destroyed container for instance %s", cellID, i.guid)
	}()
	if ctx.Err() != nil {
		return nil, nil
	}
	i.limit = nil
	if bytes, limited := i.app.LogRateLimits[i.process.Type]; limited {
		i.limit = show.NewLogRate(bytes, i.runner.Clock.Now)
	}
	for _, p := range i.processes(c.Inside(root), m) {
		if err := c.Start(p); err != nil {
			c.Stop(cell.GracefulShutdown)
			return nil, fmt.Errorf("failed to start %s: %w", p.Source, err)
		}
	}
	i.tellStarted(c, root)
	return i.watch(ctx, c), nil
}

// mount makes the platform's mounts of the instance's container.
func (i *instance) mount() (*cell.Mounts, error) {
	return i.runner.Mount(i.app, i.guid, cell.PurposeApp, func(format string, args ...any) { i.log.Cell(i.index, format, args...) })
}

// later starts a slow operation, and returns a function that waits for its result.
func later[T any](begin func() (T, error)) func() (T, error) {
	result := sync.OnceValues(begin)
	go func() { _, _ = result() }() // the caller of result gets the error
	return result
}

// makeDirectories makes the directories that an instance sees as its root and its temporary
// directory.
func makeDirectories(work string) (root string, err error) {
	root = filepath.Join(work, "root")
	if err := os.Mkdir(root, 0o755); err != nil {
		return "", fmt.Errorf("failed to make the instance's root: %w", err)
	}
	return root, cell.MakeTmp(filepath.Join(work, "tmp"))
}

// tellStarted adds the started processes and their root to the status.
func (i *instance) tellStarted(c *cell.Container, root string) {
	var pids []int
	for _, p := range c.Processes {
		pids = append(pids, p.Running.Pid)
	}
	i.tell(func(r *status.RunningInstance) {
		r.Root, r.Started, r.Pids = root, time.Now(), pids
	})
}

// processes returns the processes of the app and its sidecars, each started by the launcher in the
// droplet's root (CF-14, CF-26).
func (i *instance) processes(root string, m *cell.Mounts) []*cell.Process {
	source := "APP/PROC/" + show.SourceName(i.process.Type)
	s := cell.ProcessEnv{App: i.app, ProcessType: i.process.Type, Port: i.port, GUID: i.guid, Index: i.index, Mounts: m}

	s.Limit = i.process.MemoryLimit
	processes := []*cell.Process{i.launch(root, source, i.process.Command, s)}
	for _, sidecar := range i.process.Sidecars {
		s.Limit = sidecar.MemoryLimit
		processes = append(processes, i.launch(root, source+"/SIDECAR/"+show.SourceName(sidecar.Name), sidecar.Command, s))
	}
	return processes
}

func (i *instance) launch(root, source, command string, s cell.ProcessEnv) *cell.Process {
	const executionMetadata = ""
	launcher := i.runner.Lifecycle.Launcher.Command("app", command, executionMetadata)
	launcher.Dir = root
	launcher.Env = i.runner.RunningEnvironment(s)
	return &cell.Process{Command: launcher, Source: source, Index: i.index, Log: i.log, Limit: i.limit}
}
