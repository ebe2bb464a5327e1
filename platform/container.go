package platform

import (
	"fmt"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// A container holds the processes of one instance, or those of a staging. It
// isolates nothing, but all that runs in it ends with it.
type container struct {
	guid      string // in the environment of all that runs in it
	root      string // the directory that all of it starts in
	platform  *Platform
	processes []*process
}

// A family knows the children of this program that it waits for itself, so that
// nobody else takes their status.
type family struct {
	mutex  sync.Mutex
	own    map[int]bool
	before map[int]uint64 // those that were there before all others, with their start times
}

// add starts a command as one of them.
func (f *family) add(command *exec.Cmd, start func() error) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if err := start(); err != nil {
		return err
	}
	if f.own == nil {
		f.own = map[int]bool{}
	}
	f.own[command.Process.Pid] = true
	return nil
}

func (f *family) remove(command *exec.Cmd) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	delete(f.own, command.Process.Pid)
}

func (c *container) start(p *process) error {
	if err := c.platform.family.add(p.command, p.start); err != nil {
		return err
	}
	c.processes = append(c.processes, p)
	go func() {
		p.await()
		c.platform.family.remove(p.command)
	}()
	return nil
}

// stop sends SIGTERM to all processes at once, SIGKILL to those that are still
// there after the grace period, and returns when all have ended (PR-17).
func (c *container) stop(grace time.Duration) {
	for _, p := range c.processes {
		p.signal(syscall.SIGTERM)
	}
	deadline := time.NewTimer(grace)
	defer deadline.Stop()
	for _, p := range c.processes {
		select {
		case <-p.exited:
			continue
		case <-deadline.C:
			c.kill(fmt.Sprintf(" (exceeded %s graceful shutdown interval)", grace))
		case <-c.platform.hurry.Done():
			c.kill("")
		}
		return
	}
}

// kill ends all that still runs; why stands behind its exit status.
func (c *container) kill(why string) {
	for _, p := range c.processes {
		select {
		case <-p.exited:
		default:
			p.killed.Store(&why)
			p.signal(syscall.SIGKILL)
		}
	}
	for _, p := range c.processes {
		<-p.exited
	}
}

// destroy ends whatever the container's processes have left running, and
// returns when all output is in the log.
func (c *container) destroy() {
	for _, p := range c.processes {
		signalGroup(p.command, syscall.SIGKILL)
	}
	c.platform.family.sweep(c.guid, c.root)
	for _, p := range c.processes {
		p.hangUp()
	}
}
