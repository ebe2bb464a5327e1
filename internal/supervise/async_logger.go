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

// flushTimeout is how long closing waits for lines that are not read.
const flushTimeout = 500 * time.Millisecond

// last is the line behind which nothing is written.
const last = ""

// A asyncLogger writes the supervisor's own lines. Whoever speaks does not wait for a
// reader: behind a flood of the command's, that might take long.
type asyncLogger struct {
	to     io.Writer
	prefix string
	once   sync.Once // the first line
	// spoken is set when lines and done exist: the goroutine that logs first may not be
	// the goroutine that closes.
	spoken atomic.Bool
	lines  chan string
	done   chan struct{}
	// afterOther is that something else has written to the same place.
	afterOther atomic.Bool
}

// newAsyncLogger puts the name of what it speaks of in front of each line.
func newAsyncLogger(to io.Writer, name string) *asyncLogger {
	s := &asyncLogger{to: to, prefix: "[supervise] "}
	if name != "" {
		s.prefix += printable.Line(name) + ": "
	}
	return s
}

func (s *asyncLogger) begin() {
	const room = 64 // more than that, and lines are lost
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
			_, _ = io.WriteString(s.to, line) // no other place to report it
		}
	}()
}

func (s *asyncLogger) say(format string, args ...any) { s.trySay(format, args...) }

// trySay is false where the line is lost.
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
	select { // not closed: other goroutines may still log
	case s.lines <- last:
	default:
	}
	select {
	case <-s.done:
	case <-time.After(flushTimeout):
	}
}

// mayBreakOff tells whether the last line of an output may lack its end, to which
// another one would be added. Of a pipe or a socket that cannot be known; the platform
// leaves out empty lines (executor's depot/log_streamer/stream_destination.go).
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
	// Asked for by Fd, the descriptor would be changed for all who share it.
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
