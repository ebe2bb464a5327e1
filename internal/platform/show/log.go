// Package show is what users see of an app that is staged or runs: its log, in the format of cf
// logs and with the platform's rules, and a terminal with a table of processes below the log.
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

// SourceName formats a name for the source of a log line (CF-20).
func SourceName(name string) string {
	return strings.ToUpper(printable.OneLine(name))
}

// A Stream is the stream of a log line.
type Stream string

// The streams of a log, as cf logs prints them.
const (
	Out Stream = "OUT"
	Err Stream = "ERR"
)

// timestamp is the time format of cf logs.
const timestamp = "2006-01-02T15:04:05.00-0700"

// maxLine is the maximum length of a log line in bytes; longer ones are split, as on the platform.
const maxLine = 60 << 10

// A Log writes an app's log lines in the format of cf logs. It is safe for concurrent use.
type Log struct {
	mutex  sync.Mutex
	writer io.Writer
	clock  chronos.Clock
	prefix string
	last   time.Time
	redact func(line string) string // nil: nothing is redacted
}

// NewLog returns a log that writes to w.
func NewLog(w io.Writer, clock chronos.Clock) *Log {
	return &Log{writer: w, clock: clock, last: clock.Now()}
}

// Named returns a log that puts a name in front of each line, for several apps in one terminal.
func (l *Log) Named(name string) *Log {
	return &Log{writer: &locked{log: l}, clock: l.clock, prefix: printable.OneLine(name) + " ", last: l.clock.Now()}
}

// WithoutSecretsOf returns a log that removes the secrets of these addresses from its lines.
func (l *Log) WithoutSecretsOf(addresses []string) *Log {
	return &Log{writer: &locked{log: l}, clock: l.clock, prefix: l.prefix, last: l.clock.Now(), redact: redact.Addresses(addresses)}
}

// locked writes to the writer of another log, line by line.
type locked struct{ log *Log }

func (w *locked) Write(line []byte) (int, error) {
	w.log.mutex.Lock()
	defer w.log.mutex.Unlock()
	return w.log.writer.Write(line)
}

// Line writes a line of the platform itself, and escapes control characters, since names in it come
// from users.
func (l *Log) Line(source string, index int, s Stream, text string) {
	l.raw(source, index, s, printable.Line(text))
}

// raw writes a line unchanged, except for redacted secrets. It drops write errors, since they
// cannot be reported anywhere.
func (l *Log) raw(source string, index int, s Stream, text string) {
	if l.redact != nil {
		text = l.redact(text)
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.last = l.clock.Now()
	fmt.Fprintf(l.writer, "%s%s [%s/%d] %s %s\n", l.prefix, l.last.Format(timestamp), source, index, s, text)
}

// Note logs a setting that the platform accepts, but that is probably a mistake.
func (l *Log) Note(text string) {
	l.Line(SourceAPI, 0, Out, "Note: "+text)
}

// Cell writes a line of the cell that runs the instance of this index.
func (l *Log) Cell(index int, format string, args ...any) {
	l.Line(SourceCell, index, Out, fmt.Sprintf(format, args...))
}

// quiet returns how long nothing has been written.
func (l *Log) quiet() time.Duration {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.clock.Now().Sub(l.last)
}

// SplitLines calls line for each line until the end: it splits at line feeds and carriage returns,
// and drops empty lines, as the platform does. It passes the text unchanged, including colors, as
// cf logs does.
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

// next removes a line from pending; of a line longer than maxLine, a part; at the end of the
// output, the rest.
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

// whole returns the length of a text without an incomplete character at its end.
func whole(text []byte) int {
	for cut := range utf8.UTFMax {
		if r, size := utf8.DecodeLastRune(text[:len(text)-cut]); r != utf8.RuneError || size > 1 {
			return len(text) - cut
		}
	}
	return len(text) // it is not UTF-8
}
