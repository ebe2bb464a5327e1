//go:build linux

package supervise

import (
	"context"
	"sync"
	"syscall"
)

// A reaper reaps all children of this process, including orphans of the command, which become its
// children, too. To start a further child and learn its exit status, use start. The zero value is
// ready to use.
type reaper struct {
	mutex sync.Mutex
	// told maps the process id of a child to the channel for its exit status.
	told map[int]chan<- syscall.WaitStatus
}

// start starts a child, unless the context has ended. The channel receives its status, even if the
// child ends at once.
func (r *reaper) start(ctx context.Context, fork func() (pid int, err error)) (pid int, ended <-chan syscall.WaitStatus, err error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if err := ctx.Err(); err != nil {
		return 0, nil, err
	}
	if pid, err = fork(); err != nil {
		return 0, nil, err
	}
	status := make(chan syscall.WaitStatus, 1)
	if r.told == nil {
		r.told = map[int]chan<- syscall.WaitStatus{}
	}
	r.told[pid] = status
	return pid, status, nil
}

// finish cancels the context under which children are started. Once it has returned, no more start.
func (r *reaper) finish(cancel context.CancelFunc) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	cancel()
}

// tell passes on the status of a child that has been reaped.
func (r *reaper) tell(pid int, status syscall.WaitStatus) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if told, ok := r.told[pid]; ok {
		told <- status // the channel has a buffer
		delete(r.told, pid)
	}
}

// reapAll reaps the children that have ended, and reports whether any are left.
func (r *reaper) reapAll() bool {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		switch {
		case err == syscall.ECHILD:
			return false
		case pid > 0:
			r.tell(pid, status)
		case err != syscall.EINTR:
			return true
		}
	}
}

// waitFor waits for the end of a child, and meanwhile reaps all others that end.
func (r *reaper) waitFor(child int) syscall.WaitStatus {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case err == syscall.ECHILD, err == nil && pid == child:
			return status
		case err == nil:
			r.tell(pid, status)
		}
	}
}
