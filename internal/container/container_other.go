//go:build !linux

package container

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"syscall"
)

var errNoNamespaces = errors.New("only Linux has mount namespaces")

// A Container runs programs until it is destroyed. On this system, it has no init and no
// namespaces: processes that leave their process group are not found.
type Container struct {
	HomeError, TmpError error

	spec      Spec
	mutex     sync.Mutex
	processes []*Process
}

// A Process is a program that runs in a container.
type Process struct {
	Pid int

	command *exec.Cmd
	exited  chan struct{}
	status  int
}

// New makes a container.
func New(spec Spec) (*Container, error) {
	if spec.Sealed {
		return nil, fmt.Errorf("%w: %w", ErrNotSealed, errNoNamespaces)
	}
	c := &Container{spec: spec, TmpError: errNoNamespaces}
	if spec.Root != "" {
		c.HomeError = errNoNamespaces
	}
	return c, nil
}

// Start starts a program as the leader of its own process group.
func (c *Container) Start(command Command) (*Process, error) {
	p := &Process{exited: make(chan struct{}), command: &exec.Cmd{
		Path: command.Path, Args: command.Args, Env: command.Env, Dir: command.Dir, Stdout: command.Stdout, Stderr: command.Stderr,
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true},
	}}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	p.Pid = p.command.Process.Pid
	c.mutex.Lock()
	c.processes = append(c.processes, p)
	c.mutex.Unlock()
	go func() {
		defer close(p.exited)
		_ = p.command.Wait() // the status is enough
		if status, ok := p.command.ProcessState.Sys().(syscall.WaitStatus); ok {
			p.status = exitStatus(status)
		}
	}()
	return p, nil
}

// Wait waits for the end of the process, and returns its status as a shell would.
func (p *Process) Wait() int {
	<-p.exited
	return p.status
}

// Signal signals the process. It returns false if it has already ended.
func (p *Process) Signal(signal syscall.Signal) bool {
	return p.command.Process.Signal(signal) == nil
}

// Destroy ends all process groups of the container.
func (c *Container) Destroy() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, p := range c.processes {
		_ = syscall.Kill(-p.Pid, syscall.SIGKILL) // it may have ended
		<-p.exited
	}
}

// Init is not used on this system: no container has an init.
func Init(_, _ []string, _, _ io.Writer) int { return 2 }
