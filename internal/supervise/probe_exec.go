//go:build linux

package supervise

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// exec runs the check's command, and succeeds if it exits with status 0. If the context ends first,
// it kills the command with everything it has started. The error has the last line that the command
// printed.
func (p probe) exec(ctx context.Context) error {
	output, err := newTail()
	if err != nil {
		return fmt.Errorf("the command of the check cannot be run: %w", err)
	}
	defer output.close()
	line := p.command
	line.argv = []string{shell, "-c", p.Command}
	pid, ended, err := p.children.start(ctx, func() (int, error) { return line.start(output.files()) })
	if err != nil {
		return fmt.Errorf("the command of the check cannot be run: %s", line.explain(err))
	}
	select {
	case status := <-ended:
		_ = syscall.Kill(-pid, syscall.SIGKILL) // what it left in the background
		if status == 0 {
			return nil
		}
		return fmt.Errorf("the command of the check %s%s", exit{status: exitStatus(status)}.why(), output.last())
	case <-ctx.Done():
		killTree(pid)
		select {
		case <-ended:
		case <-time.After(patience): // the kernel does not release the process
		}
		return fmt.Errorf("the command of the check did not end within %s%s", p.timeout(), output.last())
	}
}

const (
	// maxTail is how many bytes of a command's output are kept.
	maxTail = 4 << 10
	// maxLastLine is how many characters of its last line a message has.
	maxLastLine = 200
)

// A tail reads a command's output as fast as it arrives, and keeps its end.
type tail struct {
	null, reader, writer *os.File
	kept                 []byte
	done                 chan struct{}
}

// newTail returns a tail that the caller must close.
func newTail() (*tail, error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		_ = null.Close()
		return nil, err
	}
	t := &tail{null: null, reader: reader, writer: writer, done: make(chan struct{})}
	go func() {
		defer close(t.done)
		_, _ = io.Copy(t, reader) // until the end, or a deadline
	}()
	return t, nil
}

// files returns the command's standard input, output and error.
func (t *tail) files() []uintptr { return []uintptr{t.null.Fd(), t.writer.Fd(), t.writer.Fd()} }

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - maxTail; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(p), nil
}

// stop reads what has been printed so far, and no more: something that the command started in the
// background may keep the pipe open.
func (t *tail) stop() {
	_ = t.reader.SetReadDeadline(time.Unix(1, 0))
	<-t.done
	raw, err := t.reader.SyscallConn()
	if err != nil || t.reader.SetReadDeadline(time.Time{}) != nil {
		return
	}
	_ = raw.Read(func(fd uintptr) bool {
		rest := make([]byte, 64<<10) // as much as a pipe holds
		if n, err := syscall.Read(int(fd), rest); err == nil && n > 0 {
			_, _ = t.Write(rest[:n])
		}
		return true
	})
}

// last returns a colon and the last line that is not blank, or nothing if all are blank.
func (t *tail) last() string {
	t.stop()
	kept := bytes.TrimRight(t.kept, " \t\r\n")
	line := kept[bytes.LastIndexByte(kept, '\n')+1:]
	if len(line) == 0 {
		return ""
	}
	return fmt.Sprintf(": %.*s", maxLastLine, printable.Line(strings.ToValidUTF8(strings.TrimSpace(string(line)), "\uFFFD")))
}

func (t *tail) close() {
	_ = t.reader.SetReadDeadline(time.Unix(1, 0))
	<-t.done
	_, _, _ = t.null.Close(), t.reader.Close(), t.writer.Close()
}
