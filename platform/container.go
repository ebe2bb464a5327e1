package platform

import (
	"sync"
	"syscall"
	"time"
)

// A container holds the processes of one instance, or those of a staging. It
// isolates nothing, but all that runs in it ends with it.
type container struct {
	guid      string // in the environment of all that runs in it
	platform  *Platform
	processes []*process
}

// A family knows the children of this program that it waits for itself, so that
// nobody else takes their status.
type family struct {
	mutex sync.Mutex
	own   map[int]bool
}

func (f *family) add(p *process) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if err := p.start(); err != nil {
		return err
	}
	if f.own == nil {
		f.own = map[int]bool{}
	}
	f.own[p.command.Process.Pid] = true
	return nil
}

func (f *family) remove(p *process) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	delete(f.own, p.command.Process.Pid)
}

func (c *container) start(p *process) error {
	if err := c.platform.family.add(p); err != nil {
		return err
	}
	c.processes = append(c.processes, p)
	go func() {
		p.await()
		c.platform.family.remove(p)
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
		case <-c.platform.hurry:
		}
		c.kill()
		return
	}
}

func (c *container) kill() {
	for _, p := range c.processes {
		select {
		case <-p.exited:
		default:
			p.killed.Store(true)
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
	c.platform.family.sweep(c.guid)
	for _, p := range c.processes {
		p.readers.Wait()
	}
}
