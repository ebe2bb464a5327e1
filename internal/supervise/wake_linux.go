package supervise

import (
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// Who waits for a state to change makes a named pipe next to it, opens that for
// reading, and has the kernel tell when a writer has come and gone: each new state is
// followed by one. So waiting costs nothing, and neither does signaling when
// no process waits. (inotify would do the same for the directory, so that each change
// wakes all who wait for anything; and a user has 128 instances of it by default, on a
// platform's machine all of its containers together.) Where something else has taken
// the place of the pipe, or there cannot be any, the state is looked at now and then.

// pipePath is the named pipe of a state.
func pipePath(statePath string) string { return statePath + ".wait" }

// wakeWaiters tells all who wait for this state that it has changed.
func wakeWaiters(statePath string) {
	if file := openPipe(statePath, syscall.O_WRONLY); file >= 0 {
		_ = syscall.Close(file) // which is the message
	}
}

// openPipe opens the pipe of a state for reading or writing, and is negative where
// there is none; for writing, also if no process reads it.
func openPipe(statePath string, mode int) int {
	const flags = syscall.O_NONBLOCK | syscall.O_NOFOLLOW | syscall.O_NOCTTY | syscall.O_CLOEXEC
	path := pipePath(statePath)
	if !isPipe(func(about *syscall.Stat_t) error { return syscall.Lstat(path, about) }) {
		return -1
	}
	file, err := syscall.Open(path, mode|flags, 0)
	if err != nil {
		return -1
	}
	if !isPipe(func(about *syscall.Stat_t) error { return syscall.Fstat(file, about) }) {
		_ = syscall.Close(file) // nothing was written
		return -1
	}
	return file
}

func isPipe(stat func(*syscall.Stat_t) error) bool {
	var about syscall.Stat_t
	return stat(&about) == nil && about.Mode&syscall.S_IFMT == syscall.S_IFIFO
}

// A waiter waits for changes of a state.
type waiter struct {
	statePath string
	pipe      int // negative if there is none
}

// newWaiter is one that has to be closed.
func newWaiter(statePath string) *waiter { return &waiter{statePath: statePath, pipe: -1} }

// begin has wait return for each change from now on. The state is to be read behind
// it, so that none is missed.
func (w *waiter) begin() {
	if w.pipe >= 0 || regularfile.CheckDirectory(filepath.Dir(w.statePath)) != nil {
		return
	}
	_ = syscall.Mkfifo(pipePath(w.statePath), 0o644) // it may be there; openPipe looks
	w.pipe = openPipe(w.statePath, syscall.O_RDONLY)
}

// wait returns when the state may have changed, which it tells, or after some time.
func (w *waiter) wait(timeout time.Duration) (changed bool) {
	const hungUp = 0 // is told in any case
	if changed = poll(w.pipe, hungUp, timeout); changed {
		w.close() // it would be told again and again
	}
	return changed
}

func (w *waiter) close() {
	if w.pipe >= 0 {
		_ = unix.Close(w.pipe) // it was only read
	}
	w.pipe = -1
}
