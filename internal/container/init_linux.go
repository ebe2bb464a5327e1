package container

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
)

// socketFD is the file descriptor of the init's end of the socket.
const socketFD = 3

// Init is a container's init. It runs until its container is destroyed, or the program that made
// the container has ended. Before it exits, it ends all processes that it has started, and all
// their descendants. It needs a process of its own.
func Init(_, _ []string, _, stderr io.Writer) int {
	// Each thread has its own privileges, and its children end with it.
	runtime.LockOSThread()
	syscall.CloseOnExec(socketFD)
	conn, err := newConnection(os.NewFile(socketFD, "container"))
	if err != nil {
		fmt.Fprintln(stderr, "this is the init of a container, which only sidecar can make:", err)
		return 2
	}
	i := &initProcess{conn: conn, children: map[int]bool{}}
	if err := i.setUp(); err != nil {
		return 1
	}
	i.run()
	if os.Getpid() != 1 { // in a PID namespace, the kernel ends the rest
		i.endAll()
	}
	return 0
}

// An initProcess runs the programs of one container.
type initProcess struct {
	conn     *connection
	null     *os.File
	children map[int]bool // started on request, and still running
}

// An order is a received request.
type order struct {
	request
	files []*os.File
}

// setUp carries out the first request.
func (i *initProcess) setUp() error {
	var first request
	if _, err := i.conn.receive(&first); err != nil {
		return err
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	i.null = null
	var r ready
	if err := becomeInit(); err != nil {
		r.Failed = problemOf(err)
	} else if first.SetUp.Isolated {
		home, tmp, err := first.SetUp.mount()
		if err == nil && first.SetUp.Sealed {
			err = first.SetUp.seal()
		}
		r = ready{Home: problemOf(home), Tmp: problemOf(tmp), Failed: problemOf(err)}
	}
	return i.conn.send(reply{Ready: &r})
}

// becomeInit makes this process the parent of its descendants' orphans, names it, and makes it
// ignore signals that are meant for others of this program's name.
func becomeInit() error {
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGHUP} {
		if !signal.Ignored(s) { // its programs inherit this
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("failed to become the parent of orphans: %w", err)
	}
	_ = os.WriteFile("/proc/self/comm", []byte(InitName), 0) // everything else works without it
	return nil
}

// run carries out orders until the other end of the socket closes.
func (i *initProcess) run() {
	orders := make(chan order)
	go func() {
		defer close(orders)
		for {
			var o order
			var err error
			if o.files, err = i.conn.receive(&o.request); err != nil {
				return
			}
			orders <- o
		}
	}()
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGCHLD)
	for {
		select {
		case <-ended:
			i.reap()
		case o, open := <-orders:
			if !open {
				return
			}
			i.do(o)
		}
	}
}

func (i *initProcess) do(o order) {
	switch {
	case o.Start != nil:
		i.start(*o.Start, o.files)
	case o.Signal != nil:
		i.reap() // so that Signal is not sent to a process that has ended
		there := i.children[o.Signal.Pid]
		if there {
			_ = syscall.Kill(o.Signal.Pid, o.Signal.Signal) // nothing else waits for it, so the ID is valid
		}
		_ = i.conn.send(reply{Signaled: &signaled{There: there}})
	}
}

// start starts a program, and replies with its process ID.
func (i *initProcess) start(s startRequest, files []*os.File) {
	fds := []uintptr{i.null.Fd()}
	for _, file := range files {
		fds = append(fds, file.Fd())
	}
	pid, err := syscall.ForkExec(s.Path, s.Args, &syscall.ProcAttr{
		Dir: s.Dir, Env: s.Env, Files: fds, Sys: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	})
	for _, file := range files {
		_ = file.Close() // the process has its own copy
	}
	if err != nil {
		pid = 0
	} else {
		i.children[pid] = true
	}
	_ = i.conn.send(reply{Started: &started{Pid: pid, Failed: problemOf(err)}}) // if the other end is gone, there are no more requests
}

// reap collects all ended processes, and reports those that were requested. It returns false if
// there are no processes left.
func (i *initProcess) reap() bool {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil:
			return false
		case pid == 0:
			return true
		case i.children[pid]:
			delete(i.children, pid)
			_ = i.conn.send(reply{Exited: &exited{Pid: pid, Status: exitStatus(status)}})
		}
	}
}

// endAll kills all descendants of this process until none is left.
func (i *initProcess) endAll() {
	for i.reap() {
		for _, p := range processtree.Descendants(processtree.All(), os.Getpid()) {
			_ = syscall.Kill(p.Pid, syscall.SIGKILL) // it may have ended
		}
		time.Sleep(time.Millisecond)
	}
}
