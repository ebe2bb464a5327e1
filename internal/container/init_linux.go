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

// socketFD is where the init inherits its end of the socket.
const socketFD = 3

// Init is a container's init. It runs until its container is destroyed, or whoever made
// the container has ended, and ends all that it has started, and that this has left
// behind, before it ends itself. The process has to be its own.
func Init(_, _ []string, _, stderr io.Writer) int {
	// The rights of a thread are its own, and what it starts ends with it.
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
	if os.Getpid() != 1 { // the kernel ends what is left in a process namespace
		i.endAll()
	}
	return 0
}

// An initProcess runs the programs of one container.
type initProcess struct {
	conn     *connection
	null     *os.File
	children map[int]bool // those that were asked for and have not ended
}

// An order is a request as it was received.
type order struct {
	request
	files []*os.File
}

// setUp does what the first request says.
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

// becomeInit makes this process the parent of what its descendants leave behind, called
// by its own name, and deaf to what is meant for others of this program's name.
func becomeInit() error {
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGHUP} {
		if !signal.Ignored(s) { // which its programs inherit
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("failed to become the parent of orphans: %w", err)
	}
	_ = os.WriteFile("/proc/self/comm", []byte(InitName), 0) // all else works without
	return nil
}

// run carries out orders until the sidecar command's end of the socket closes.
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
		i.reap() // what has ended by itself was not signaled
		there := i.children[o.Signal.Pid]
		if there {
			_ = syscall.Kill(o.Signal.Pid, o.Signal.Signal) // no other code waits for it
		}
		_ = i.conn.send(reply{Signaled: &signaled{There: there}})
	}
}

// start starts a program, and says which process it is.
func (i *initProcess) start(s startRequest, files []*os.File) {
	fds := []uintptr{i.null.Fd()}
	for _, file := range files {
		fds = append(fds, file.Fd())
	}
	pid, err := syscall.ForkExec(s.Path, s.Args, &syscall.ProcAttr{
		Dir: s.Dir, Env: s.Env, Files: fds, Sys: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	})
	for _, file := range files {
		_ = file.Close() // the process has its own
	}
	if err != nil {
		pid = 0
	} else {
		i.children[pid] = true
	}
	_ = i.conn.send(reply{Started: &started{Pid: pid, Failed: problemOf(err)}}) // whoever is gone asks for nothing more
}

// reap collects all that has ended, and tells of what was asked for. It is false where
// there is nothing left.
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

// endAll kills all that descends from this process until there is nothing left.
func (i *initProcess) endAll() {
	for i.reap() {
		for _, p := range processtree.Descendants(processtree.All(), os.Getpid()) {
			_ = syscall.Kill(p.Pid, syscall.SIGKILL) // it may have ended
		}
		time.Sleep(time.Millisecond)
	}
}
