package supervise

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// flushTimeout limits how long close waits for lines that are not read.
const flushTimeout = 500 * time.Millisecond

// last marks the end: nothing is written after it.
const last = ""

// An asyncLogger writes the supervisor's own lines. Its callers never wait for a reader, which
// could take long behind a flood of the command's output.
type asyncLogger struct {
	to     io.Writer
	prefix string
	once   sync.Once // starts the goroutine with the first line
	// spoken is set once lines and done exist: the goroutine that logs first may differ from the
	// one that closes.
	spoken atomic.Bool
	lines  chan string
	done   chan struct{}
	// afterOther is set once something else has written to the same output.
	afterOther atomic.Bool
}

// newAsyncLogger returns a logger that starts each line with a name.
func newAsyncLogger(to io.Writer, name string) *asyncLogger {
	s := &asyncLogger{to: to, prefix: "[supervise] "}
	if name != "" {
		s.prefix += printable.Line(name) + ": "
	}
	return s
}

func (s *asyncLogger) begin() {
	const room = 64 // more lines than that are dropped
	s.lines, s.done = make(chan string, room), make(chan struct{})
	s.spoken.Store(true)
	go func() {
		defer close(s.done)
		for line := range s.lines {
			if line == last {
				return
			}
			if s.afterOther.Load() && mayBreakOff(s.to) {
				line = "\n" + line
			}
			_, _ = io.WriteString(s.to, line) // an error cannot be reported elsewhere
		}
	}()
}

func (s *asyncLogger) say(format string, args ...any) { s.trySay(format, args...) }

// trySay returns false if the line is dropped.
func (s *asyncLogger) trySay(format string, args ...any) bool {
	s.once.Do(s.begin)
	select {
	case s.lines <- s.prefix + printable.Line(fmt.Sprintf(format, args...)) + "\n":
		return true
	default:
		return false
	}
}

func (s *asyncLogger) close() {
	if !s.spoken.Load() {
		return
	}
	select { // lines is never closed: other goroutines may still log
	case s.lines <- last:
	default:
	}
	select {
	case <-s.done:
	case <-time.After(flushTimeout):
	}
}

// mayBreakOff reports whether the last line of an output may lack its end, so that the next line
// would be appended to it. For a pipe or a socket that cannot be known; the platform drops empty
// lines (executor's depot/log_streamer/stream_destination.go).
func mayBreakOff(output io.Writer) bool {
	file, ok := output.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	if err != nil {
		return false
	}
	if !info.Mode().IsRegular() {
		return info.Mode()&(os.ModeNamedPipe|os.ModeSocket) != 0
	}
	// Fd would change the descriptor for all processes that share it.
	var written *os.File
	var opened error
	raw, err := file.SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) { written, opened = os.Open(fmt.Sprintf("/proc/self/fd/%d", fd)) })
	}
	if errors.Join(err, opened) != nil {
		return false
	}
	defer written.Close() // it was only read
	last := make([]byte, 1)
	_, err = written.ReadAt(last, info.Size()-1)
	return err == nil && last[0] != '\n'
}
