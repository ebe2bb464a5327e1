package supervise

import (
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// A process that waits for a state to change makes a named pipe next to the state's file, opens it
// for reading, and polls for a writer that has come and gone: a writer opens and closes the pipe
// after each new state. Waiting costs nothing this way, and neither does signaling when no process
// waits. (inotify could watch the directory, but then each change would wake everyone who waits for
// anything; and by default a user has 128 instances of it, shared by all containers of a machine.)
// If something else has the pipe's name, or there can be no pipe, the state is polled now and then.

// pipePath returns the path of a state's named pipe.
func pipePath(statePath string) string { return statePath + ".wait" }

// wakeWaiters wakes all processes that wait for this state.
func wakeWaiters(statePath string) {
	if file := openPipe(statePath, syscall.O_WRONLY); file >= 0 {
		_ = syscall.Close(file) // closing it is the message
	}
}

// openPipe opens the pipe of a state for reading or writing, or returns a negative number if there
// is none or, for writing, no process reads it.
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

// newWaiter returns a waiter that the caller must close.
func newWaiter(statePath string) *waiter { return &waiter{statePath: statePath, pipe: -1} }

// begin makes wait return after each later change. To miss no change, read the state after begin.
func (w *waiter) begin() {
	if w.pipe >= 0 || regularfile.CheckDirectory(filepath.Dir(w.statePath)) != nil {
		return
	}
	_ = syscall.Mkfifo(pipePath(w.statePath), 0o644) // it may exist already; openPipe checks
	w.pipe = openPipe(w.statePath, syscall.O_RDONLY)
}

// wait returns when the state may have changed, or after a timeout. It reports whether it may have
// changed.
func (w *waiter) wait(timeout time.Duration) (changed bool) {
	const hungUp = 0 // poll always reports it
	if changed = poll(w.pipe, hungUp, timeout); changed {
		w.close() // it would be reported again and again
	}
	return changed
}

func (w *waiter) close() {
	if w.pipe >= 0 {
		_ = unix.Close(w.pipe) // it was only read
	}
	w.pipe = -1
}
