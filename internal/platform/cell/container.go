package cell

import (
	"fmt"
	"os/exec"
	"syscall"
	"time"

	isolated "github.com/cloudfoundry-community/sidecar-buildpack/internal/container"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
)

// A Container has the processes of one instance, or those of a staging. All of them end with it.
type Container struct {
	*isolated.Container
	GUID      string // in the environment of all its processes
	root      string // the machine's directory with all of its directories
	Droplet   string // the machine's directory that its programs see as their root, if they have one
	cell      *Cell
	Processes []*Process
}

// NewContainer makes a container. Its programs see root, if set, and tmp as their own directories,
// and the visible paths of the machine.
func (c *Cell) NewContainer(guid, workspace, root, tmp string, visible []string) (*Container, error) {
	made, err := isolated.New(isolated.Spec{
		Init: c.Init, Name: guid, Root: root, Tmp: tmp, Visible: visible, Sealed: c.Sealed, Network: c.Network,
		Start: func(init *exec.Cmd) error { return c.processes.add(init, init.Start) }, Ended: c.processes.remove,
	})
	if err != nil {
		return nil, fmt.Errorf("failed to make a container: %w", err)
	}
	return &Container{Container: made, GUID: guid, root: workspace, Droplet: root, cell: c}, nil
}

// lacks lists what the container's programs share with the machine, but would have for themselves
// on Cloud Foundry.
func (c *Container) lacks() []string {
	var all []string
	if c.HomeError != nil {
		all = append(all, fmt.Sprintf("This machine gives the container no %s of its own (%s): a program that is looked for in %[1]s/app or %[1]s/deps is not found.", isolated.Home, c.HomeError))
	}
	if c.TmpError != nil {
		all = append(all, fmt.Sprintf("This machine gives the container no %s of its own (%s): what others have left there can be in its way.", isolated.Tmp, c.TmpError))
	}
	return all
}

// Start starts a process in the container.
func (c *Container) Start(p *Process) error {
	if err := p.start(c.Container); err != nil {
		return err
	}
	c.Processes = append(c.Processes, p)
	go p.await()
	return nil
}

// Stop sends SIGTERM to all processes at once, and SIGKILL to those that still run after the grace
// period. It returns when all have ended (CF-17).
func (c *Container) Stop(grace time.Duration) {
	for _, p := range c.Processes {
		p.signal(syscall.SIGTERM)
	}
	deadline := time.NewTimer(grace)
	defer deadline.Stop()
	for _, p := range c.Processes {
		select {
		case <-p.Exited:
			continue
		case <-deadline.C:
			c.kill(fmt.Sprintf(" (exceeded %s graceful shutdown interval)", grace))
		case <-c.cell.skipGrace.Done():
			c.kill("")
		}
		return
	}
}

// kill kills all running processes; why is appended to their exit status.
func (c *Container) kill(why string) {
	for _, p := range c.Processes {
		select {
		case <-p.Exited:
		default:
			p.Killed.Store(&why)
			p.signal(syscall.SIGKILL)
		}
	}
	for _, p := range c.Processes {
		<-p.Exited
	}
}

// Destroy ends all processes that the container's processes have left running, and returns when all
// output is in the log.
func (c *Container) Destroy() {
	c.Container.Destroy()
	c.cell.processes.killDescendants(c.GUID, c.root)
	for _, p := range c.Processes {
		p.drainOutput()
	}
}

// SayLacks logs what containers lack on this machine, each thing only once.
func (c *Cell) SayLacks(in *Container, source string, index int, log *show.Log) {
	for _, lack := range in.lacks() {
		if _, said := c.told.LoadOrStore(lack, true); !said {
			log.Line(source, index, show.Err, lack)
		}
	}
}
