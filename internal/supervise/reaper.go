//go:build linux

package supervise

import (
	"context"
	"sync"
	"syscall"
)

// A reaper reaps the children of this process, whichever they are: what the command leaves
// behind becomes its child, too. Whoever starts a further child has the reaper tell how
// that has ended. Its zero value is one.
type reaper struct {
	mutex sync.Mutex
	// told is who is told of the end of a child, by its process id.
	told map[int]chan<- syscall.WaitStatus
}

// start starts a child, unless the context has ended. The channel gets its status; a child
// that ends at once is known by then.
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

// finish ends a context by which children are started: when it returns, none are any more.
func (r *reaper) finish(cancel context.CancelFunc) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	cancel()
}

// tell hands on the status of a child that has been reaped.
func (r *reaper) tell(pid int, status syscall.WaitStatus) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if told, ok := r.told[pid]; ok {
		told <- status // there is room
		delete(r.told, pid)
	}
}

// reapAll reaps the children that have ended, and tells whether there are others.
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

// waitFor waits for the end of a child, and reaps all others that end meanwhile.
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
