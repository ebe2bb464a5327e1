// Package show is what a person sees of an app that is staged or runs: its log, in the form
// of cf logs and with the platform's rules for it, and a terminal that has the log above and
// a table of what runs below.
package show

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/paketo-buildpacks/packit/v2/chronos"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
)

// The sources of the platform's own log lines.
const (
	SourceStaging = "STG"
	SourceCell    = "CELL"
	SourceAPI     = "API"
	SourceHealth  = "HEALTH"
)

// SourceName is a name as it is in the source of a log line (CF-20).
func SourceName(name string) string {
	return strings.ToUpper(printable.OneLine(name))
}

// A Stream is what a log line was written to.
type Stream string

// The streams of a log, as cf logs prints them.
const (
	Out Stream = "OUT"
	Err Stream = "ERR"
)

// timestamp is how cf logs prints a time.
const timestamp = "2006-01-02T15:04:05.00-0700"

// maxLine is the most bytes of one log line; a longer one is split, as the
// platform does.
const maxLine = 60 << 10

// A Log is the stream of an app's log lines, in the form of cf logs. Many
// processes may write to it at once.
type Log struct {
	mutex  sync.Mutex
	writer io.Writer
	clock  chronos.Clock
	prefix string
	last   time.Time
	redact func(line string) string // nil: nothing is left out
}

// NewLog returns a log that writes to w.
func NewLog(w io.Writer, clock chronos.Clock) *Log {
	return &Log{writer: w, clock: clock, last: clock.Now()}
}

// Named returns a log that puts a name in front of each line: with several apps
// in one terminal, the lines have to say whose they are.
func (l *Log) Named(name string) *Log {
	return &Log{writer: &locked{log: l}, clock: l.clock, prefix: printable.OneLine(name) + " ", last: l.clock.Now()}
}

// WithoutSecretsOf returns a log in whose lines the secrets of these addresses are left out.
func (l *Log) WithoutSecretsOf(addresses []string) *Log {
	return &Log{writer: &locked{log: l}, clock: l.clock, prefix: l.prefix, last: l.clock.Now(), redact: redact.Addresses(addresses)}
}

// locked writes to the underlying writer of another log, a line at a time.
type locked struct{ log *Log }

func (w *locked) Write(line []byte) (int, error) {
	w.log.mutex.Lock()
	defer w.log.mutex.Unlock()
	return w.log.writer.Write(line)
}

// Line writes one line of the platform's own, and escapes what a terminal would obey: the names
// in it are the user's.
func (l *Log) Line(source string, index int, s Stream, text string) {
	l.raw(source, index, s, printable.Line(text))
}

// raw writes one line unchanged, except for the secrets that the log leaves out. A write
// error cannot be reported anywhere.
func (l *Log) raw(source string, index int, s Stream, text string) {
	if l.redact != nil {
		text = l.redact(text)
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.last = l.clock.Now()
	fmt.Fprintf(l.writer, "%s%s [%s/%d] %s %s\n", l.prefix, l.last.Format(timestamp), source, index, s, text)
}

// Note says what the platform takes of an app and is most likely not meant.
func (l *Log) Note(text string) {
	l.Line(SourceAPI, 0, Out, "Note: "+text)
}

// Cell writes a line of the cell, which runs the instance of this index.
func (l *Log) Cell(index int, format string, args ...any) {
	l.Line(SourceCell, index, Out, fmt.Sprintf(format, args...))
}

// quiet is how long nothing has been written.
func (l *Log) quiet() time.Duration {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.clock.Now().Sub(l.last)
}

// SplitLines hands out what is written until the end, line by line: at each line feed
// and carriage return, and without empty lines, as the platform does. A line's text is
// the program's and passes unchanged, colors included, as in cf logs.
func SplitLines(from io.Reader, line func(text string)) {
	var pending bytes.Buffer
	chunk := make([]byte, 32<<10)
	for {
		n, err := from.Read(chunk)
		pending.Write(chunk[:n])
		for {
			text, ok := next(&pending, err != nil)
			if !ok {
				break
			}
			if text != "" {
				line(text)
			}
		}
		if err != nil {
			return
		}
	}
}

// next takes a line out of what is pending, or as much of a long one as the
// platform takes; at the end of the output, what is left.
func next(pending *bytes.Buffer, atEnd bool) (line string, ok bool) {
	at := bytes.IndexAny(pending.Bytes(), "\r\n")
	switch {
	case at >= 0 && at <= maxLine:
		return strings.TrimRight(string(pending.Next(at+1)), "\r\n"), true
	case pending.Len() > maxLine:
		return string(pending.Next(whole(pending.Bytes()[:maxLine]))), true
	case atEnd && pending.Len() > 0:
		return string(pending.Next(pending.Len())), true
	default:
		return "", false
	}
}

// whole is the length of a text without the part of a character at its end.
func whole(text []byte) int {
	for cut := range utf8.UTFMax {
		if r, size := utf8.DecodeLastRune(text[:len(text)-cut]); r != utf8.RuneError || size > 1 {
			return len(text) - cut
		}
	}
	return len(text) // it is no UTF-8
}
