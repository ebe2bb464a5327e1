//go:build linux

package supervise

import (
	"errors"
	"io"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// logTimeout limits how long the end waits for a log that accepts nothing.
const logTimeout = 5 * time.Second

// An output connects one run of the command to the log: it has a pipe and a filter for standard
// output, and another pair for standard error. Only the log itself can make it wait.
type output struct {
	streams [2]*stream
}

// A stream is one of these two pairs.
type stream struct {
	reader, writer *os.File
	filter         *lineFilter
	// taken counts the bytes written to the log.
	taken atomic.Int64
	to    io.Writer
	done  chan struct{}
}

func (s *stream) Write(p []byte) (int, error) {
	n, err := s.to.Write(p)
	s.taken.Add(int64(n))
	return n, err
}

// newOutput makes the pipes. The caller must call either run or abandon.
func newOutput(rules *logRules, to [2]io.Writer) (*output, error) {
	o := &output{}
	for i := range to {
		reader, writer, err := os.Pipe()
		if err != nil {
			o.abandon()
			return nil, err
		}
		s := &stream{reader: reader, writer: writer, to: to[i], done: make(chan struct{})}
		s.filter = newLineFilter(s, rules)
		o.streams[i] = s
	}
	return o, nil
}

// files returns the command's standard input, output and error.
func (o *output) files() []uintptr {
	return []uintptr{0, o.streams[0].writer.Fd(), o.streams[1].writer.Fd()}
}

// abandon closes the pipes of a command that did not start.
func (o *output) abandon() {
	for _, s := range o.streams {
		if s != nil {
			_, _ = s.reader.Close(), s.writer.Close()
		}
	}
}

// run starts to copy lines: the command now has its own copies of the pipes.
func (o *output) run() {
	for _, s := range o.streams {
		_ = s.writer.Close()
		go func() {
			defer close(s.done)
			// Once the reader is closed, a command whose log is gone notices as it would without a
			// pipe.
			defer s.reader.Close()
			s.copy()
		}()
	}
}

// copy copies lines until no process has the pipe open, or finish stops it.
func (s *stream) copy() {
	err := error(nil)
	for err == nil {
		err = s.filter.read(s.reader)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = s.copyRest()
	}
	if err == nil || errors.Is(err, io.EOF) {
		_ = s.filter.lines(true) // an error cannot be reported elsewhere
	}
}

// copyRest copies what is in the pipe now. A process that still has the pipe open may not be the
// command's.
func (s *stream) copyRest() error {
	const mostInPipe = 1 << 20 // the most that a user may ask for: fs.pipe-max-size of pipe(7)
	rest := nowReader{s.reader}
	for read := 0; read < mostInPipe; read += maxLine {
		if err := s.filter.read(rest); err != nil {
			return err
		}
	}
	return nil
}

// A nowReader reads what a pipe contains, and returns io.EOF once that is empty.
type nowReader struct{ *os.File }

func (r nowReader) Read(p []byte) (n int, err error) {
	raw, err := r.SyscallConn()
	if err == nil {
		err = r.SetReadDeadline(time.Time{})
	}
	if err != nil {
		return 0, err
	}
	controlErr := raw.Read(func(fd uintptr) bool {
		n, err = syscall.Read(int(fd), p)
		return true
	})
	if controlErr != nil || err != nil || n <= 0 {
		return 0, io.EOF
	}
	return n, nil
}

// finish returns once everything is written that the command and its descendants have printed; none
// of these processes exists any more. If the log accepts nothing, it waits for logTimeout, or until
// the channel is closed.
func (o *output) finish(until <-chan struct{}) {
	for _, s := range o.streams {
		_ = s.reader.SetReadDeadline(time.Unix(1, 0))
	}
	for _, s := range o.streams {
		s.awaitDone(until)
	}
}

func (s *stream) awaitDone(until <-chan struct{}) {
	for before := int64(-1); before != s.taken.Load(); {
		before = s.taken.Load()
		select {
		case <-s.done:
			return
		case <-until:
			return
		case <-time.After(logTimeout):
		}
	}
}

// prepareLog makes the rules for the command's log lines, if the spec has any.
func (s *supervisor) prepareLog() error {
	if s.spec.Log == nil {
		return nil
	}
	s.dropped = &dropReport{level: s.spec.Log.Level, now: time.Now, say: s.trySay}
	var err error
	s.logRules, err = newLogRules(*s.spec.Log, s.spec.Name, s.dropped)
	return err
}

// fork starts the command with its output.
func (s *supervisor) fork() (pid int, o *output, err error) {
	if s.spec.Log == nil {
		s.afterOther.Store(true) // and its last line may lack a newline
		pid, err = s.command.start(standardFiles)
		return pid, nil, err
	}
	if o, err = newOutput(s.logRules, s.outputs); err != nil {
		return 0, nil, err
	}
	if pid, err = s.command.start(o.files()); err != nil {
		o.abandon()
		return 0, nil, err
	}
	return pid, o, nil
}
