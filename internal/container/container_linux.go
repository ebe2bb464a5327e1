package container

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// endTimeout is how long the init may take to end all processes of its container.
const endTimeout = 10 * time.Second

// A Container runs programs until it is destroyed. Its methods are safe for concurrent use.
type Container struct {
	// HomeError and TmpError say why the container's programs do not see its root at Home, or its
	// temporary directory at Tmp; nil if they do.
	HomeError, TmpError error

	spec  Spec
	init  *exec.Cmd
	conn  *connection
	ended chan struct{} // closed when the init has closed its socket

	asking    sync.Mutex
	answers   chan answer // replies to requests; closed with ended
	processes map[int]*Process
}

// An answer is a reply to a request; to Start, with the started process.
type answer struct {
	reply
	process *Process
}

// A Process is a program that runs in a container.
type Process struct {
	Pid int // in the machine's namespace

	container *Container
	exited    chan struct{}
	status    int
}

// New makes a container: with its own mount namespace if the machine allows one (for a user that is
// not root, by a user namespace), otherwise without. It only fails if there can be no container at
// all.
func New(spec Spec) (*Container, error) {
	if spec.Sealed {
		c, err := start(spec, sealedNamespaces(spec.Network))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNotSealed, explain(err))
		}
		return c, nil
	}
	var refused error
	for _, attributes := range namespaces() {
		c, err := start(spec, attributes)
		if err == nil {
			return c, nil
		}
		refused = explain(err)
	}
	c, err := start(spec, &syscall.SysProcAttr{})
	if err != nil {
		return nil, err
	}
	if c.TmpError = refused; spec.Root != "" {
		c.HomeError = refused
	}
	return c, nil
}

// explain says why the machine allows no namespaces, and what would help.
func explain(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) && path.Op == "fork/exec" {
		err = path.Err
	}
	if errors.Is(err, unix.ENOSPC) {
		return errors.New("the limit user.max_user_namespaces is reached")
	}
	return err
}

// namespaces are the ways to get a mount namespace, the one with the most privileges first. In a
// user namespace, all users keep their IDs.
func namespaces() []*syscall.SysProcAttr {
	user := &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}},
		AmbientCaps: []uintptr{unix.CAP_SYS_ADMIN},
	}
	if os.Getuid() != 0 {
		return []*syscall.SysProcAttr{user}
	}
	return []*syscall.SysProcAttr{{Cloneflags: unix.CLONE_NEWNS}, user}
}

// start starts an init with these attributes, and sets up the container.
func start(spec Spec, attributes *syscall.SysProcAttr) (*Container, error) {
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, fmt.Errorf("failed to make a socket: %w", err)
	}
	defer theirs.Close()
	attributes.Setpgid = true // no Pdeathsig: the init must clean up when its parent dies
	init := &exec.Cmd{Path: spec.Init, Args: []string{InitName, spec.Name}, Env: initEnv(), ExtraFiles: []*os.File{theirs}, SysProcAttr: attributes}
	launch := spec.Start
	if launch == nil {
		launch = (*exec.Cmd).Start
	}
	if err := launch(init); err != nil {
		return nil, errors.Join(err, ours.Close())
	}
	c := &Container{spec: spec, init: init, conn: ours, ended: make(chan struct{}), answers: make(chan answer), processes: map[int]*Process{}}
	if err := c.setUp(attributes.Cloneflags != 0); err != nil {
		go c.read()
		c.Destroy()
		return nil, err
	}
	go c.read()
	return c, nil
}

// initEnv returns the environment of an init. Of this program's, it only has the options of Go's
// race detector: without them, an init with the detector sleeps for a second when it exits.
func initEnv() []string {
	if options, ok := os.LookupEnv("GORACE"); ok {
		return []string{"GORACE=" + options}
	}
	return []string{}
}

// setUp sends the init what the container must see, and waits for its answer.
func (c *Container) setUp(isolated bool) error {
	var request request
	request.SetUp = &setUp{}
	if isolated {
		visible, err := c.spec.mountPoints()
		if err != nil {
			return err
		}
		request.SetUp = &setUp{Root: c.spec.Root, Tmp: c.spec.Tmp, Visible: visible, Isolated: true, Sealed: c.spec.Sealed, Network: c.spec.Network, Scratch: c.spec.scratch()}
	}
	if err := c.conn.send(request); err != nil {
		return fmt.Errorf("failed to tell the container's init what to do: %w", err)
	}
	var r reply
	if _, err := c.conn.receive(&r); err != nil || r.Ready == nil {
		return errors.Join(errors.New("the container's init has ended"), err)
	}
	c.HomeError, c.TmpError = r.Ready.Home.error(), r.Ready.Tmp.error()
	if c.spec.Sealed { // all or nothing
		return cmp.Or(r.Ready.Failed.error(), c.HomeError, c.TmpError)
	}
	return r.Ready.Failed.error()
}

// Start starts a program as a child of the container's init, and as the leader of its own process
// group. The error is a *fs.PathError if it cannot be run.
func (c *Container) Start(command Command) (*Process, error) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	r := request{Start: &startRequest{Path: command.Path, Args: command.Args, Env: command.Env, Dir: command.Dir}}
	answer, err := c.ask(r, cmp.Or(command.Stdout, null), cmp.Or(command.Stderr, null))
	if err != nil {
		return nil, err
	}
	if err := answer.Started.Failed.error(); err != nil {
		return nil, &os.PathError{Op: "fork/exec", Path: command.Path, Err: err}
	}
	return answer.process, nil
}

// ask sends a request to the init, and waits for its answer.
func (c *Container) ask(r request, files ...*os.File) (answer, error) {
	c.asking.Lock()
	defer c.asking.Unlock()
	if err := c.conn.send(r, files...); err != nil {
		return answer{}, fmt.Errorf("failed to ask the container's init: %w", err)
	}
	a, ok := <-c.answers
	if !ok {
		return answer{}, errors.New("the container's init has ended")
	}
	return a, nil
}

// read reads the init's messages until it has ended, together with everything that it has started.
func (c *Container) read() {
	defer close(c.answers)
	defer close(c.ended)
	for {
		var r reply
		if _, err := c.conn.receive(&r); err != nil {
			break
		}
		switch {
		case r.Started != nil:
			a := answer{reply: r}
			if r.Started.Pid != 0 {
				a.process = &Process{Pid: r.Started.Pid, container: c, exited: make(chan struct{})}
				c.processes[r.Started.Pid] = a.process
			}
			c.answers <- a
		case r.Signaled != nil:
			c.answers <- answer{reply: r}
		case r.Exited != nil:
			c.processes[r.Exited.Pid].exit(r.Exited.Status)
			delete(c.processes, r.Exited.Pid)
		}
	}
	for _, p := range c.processes {
		p.exit(exitStatus(syscall.WaitStatus(syscall.SIGKILL)))
	}
}

func (p *Process) exit(status int) {
	p.status = status
	close(p.exited)
}

// Wait waits for the end of the process, and returns its status as a shell would.
func (p *Process) Wait() int {
	<-p.exited
	return p.status
}

// Signal signals the process. It returns false if it has already ended.
func (p *Process) Signal(signal syscall.Signal) bool {
	select {
	case <-p.exited:
		return false
	default:
	}
	answer, err := p.container.ask(request{Signal: &signalRequest{Pid: p.Pid, Signal: signal}})
	return err == nil && answer.Signaled.There // without the init, the process has ended, too
}

// InitPid returns the process ID of the container's init, the ancestor of all its processes.
func (c *Container) InitPid() int { return c.init.Process.Pid }

// Destroy ends all processes in the container, and returns when they have ended.
func (c *Container) Destroy() {
	_ = c.conn.CloseWrite() // the init may be gone
	hung := time.AfterFunc(endTimeout, func() { _ = c.init.Process.Kill() })
	if err := c.init.Wait(); c.spec.Ended != nil && !errors.Is(err, os.ErrProcessDone) { // its status does not matter
		c.spec.Ended(c.init)
	}
	hung.Stop()
	<-c.ended
	_ = c.conn.Close()
}
