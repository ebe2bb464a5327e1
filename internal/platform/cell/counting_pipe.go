package cell

import (
	"io"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A countingPipe is the reading end of a pipe. It counts the bytes read, and knows how long its
// reader has waited for more.
type countingPipe struct {
	*os.File
	read  atomic.Int64 // bytes
	since atomic.Int64 // when the reader began to wait, in Unix nanoseconds; 0: it does not wait
}

// Read implements io.Reader.
func (t *countingPipe) Read(into []byte) (n int, err error) {
	raw, err := t.SyscallConn()
	if err != nil {
		return 0, err
	}
	began := time.Now().UnixNano()
	waited := raw.Read(func(fd uintptr) bool {
		t.since.Store(0) // before bytes leave the pipe: idle looks at the pipe first
		n, err = retried(func() (int, error) { return syscall.Read(int(fd), into) })
		if err == syscall.EAGAIN || n == 0 {
			t.since.Store(began)
		}
		return err != syscall.EAGAIN
	})
	switch {
	case waited != nil: // until the deadline
		return 0, waited
	case err != nil:
		return 0, os.NewSyscallError("read", err)
	case n == 0:
		return 0, io.EOF
	}
	t.read.Add(int64(n))
	return n, nil
}

// idle returns how long the reader has waited for bytes that are not there; forever, if it has read
// everything. A busy machine may wake the reader long after bytes have come: it is not idle then.
func (t *countingPipe) idle() time.Duration {
	if t.isReadable() {
		return 0
	}
	since := t.since.Load()
	if since == 0 {
		return 0
	}
	return time.Since(time.Unix(0, since))
}

// isReadable reports whether the pipe has bytes, or an end, that the reader has not seen.
func (t *countingPipe) isReadable() (readable bool) {
	raw, err := t.SyscallConn()
	if err != nil {
		return false
	}
	_ = raw.Control(func(fd uintptr) { // fails only if the reader has closed it, at its end
		n, err := retried(func() (int, error) { return unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0) })
		readable = err == nil && n > 0
	})
	return readable
}

// retried calls a function until no signal interrupts it.
func retried(call func() (int, error)) (n int, err error) {
	for {
		if n, err = call(); err != syscall.EINTR {
			return n, err
		}
	}
}
