package cell

import (
	"fmt"
	"os/exec"
	"syscall"
	"time"

	isolated "github.com/cloudfoundry-community/sidecar-buildpack/internal/container"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
)

// A Container holds the processes of one instance, or those of a staging. All that runs
// in it ends with it.
type Container struct {
	*isolated.Container
	GUID      string // in the environment of all that runs in it
	root      string // the machine's directory for all that it works in
	Droplet   string // the machine's directory that its programs see as their root, if there is one
	cell      *Cell
	Processes []*Process
}

// NewContainer makes one whose programs see a root, if there is one, and a temporary
// directory as their own, and all that is to be visible.
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

// lacks says what the container's programs do not have of their own, and would on Cloud
// Foundry.
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

// Stop sends SIGTERM to all processes at once, SIGKILL to those that are still
// there after the grace period, and returns when all have ended (CF-17).
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

// kill kills all processes that still run; why is appended to the exit status.
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

// Destroy ends whatever the container's processes have left running, and
// returns when all output is in the log.
func (c *Container) Destroy() {
	c.Container.Destroy()
	c.cell.processes.killDescendants(c.GUID, c.root)
	for _, p := range c.Processes {
		p.drainOutput()
	}
}

// SayLacks says what containers lack on this machine, each thing once.
func (c *Cell) SayLacks(in *Container, source string, index int, log *show.Log) {
	for _, lack := range in.lacks() {
		if _, said := c.told.LoadOrStore(lack, true); !said {
			log.Line(source, index, show.Err, lack)
		}
	}
}
