package supervise

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

const (
	// maxLine is how many bytes of a line are buffered, and examined to decide about it. The rest
	// of a longer line follows its beginning as it arrives.
	maxLine = 32 << 10
	// reportInterval is the least time between two reports of dropped lines.
	reportInterval = time.Minute
)

// logRules decide which lines of a command pass.
type logRules struct {
	least  logLevel
	drop   *regexp.Regexp // nil drops none
	prefix []byte
	report *dropReport
}

// newLogRules makes the rules for a command. It fails for a regular expression that staging would
// have rejected.
func newLogRules(log supervision.Log, name string, report *dropReport) (*logRules, error) {
	r := &logRules{least: levelOf(log.Level), report: report}
	if log.Prefix {
		r.prefix = []byte("[" + printable.Line(name) + "] ")
	}
	if log.Drop == "" {
		return r, nil
	}
	var err error
	r.drop, err = regexp.Compile(log.Drop)
	return r, err
}

// prefixOf returns what precedes a line. An empty line gets no blank at its end.
func (r *logRules) prefixOf(line []byte) []byte {
	if line[0] == '\n' || bytes.HasPrefix(line, []byte("\r\n")) {
		return bytes.TrimSuffix(r.prefix, []byte(" "))
	}
	return r.prefix
}

// A cause says why a line is dropped.
type cause int

const (
	passed cause = iota
	byLevel
	byExpression
)

// decide says whether a line passes. before is the decision about the line before: an indented
// line, or the cause of a Java exception, belongs to that line.
func (r *logRules) decide(line []byte, before cause) cause {
	if r.drop != nil && r.drop.Match(line) {
		return byExpression
	}
	switch level := levelOfLine(line); {
	case level != levelUnknown && level < r.least:
		return byLevel
	case level == levelUnknown && before != passed && isContinued(line):
		return before
	default:
		return passed
	}
}

func isContinued(line []byte) bool {
	return len(line) > 0 && (line[0] == ' ' || line[0] == '\t') || bytes.HasPrefix(line, []byte("Caused by: "))
}

// A lineFilter copies the lines of one output, unchanged, except for those that are dropped. It
// buffers an incomplete line, up to maxLine bytes, and waits for its reader.
type lineFilter struct {
	to     io.Writer
	rules  *logRules
	buffer []byte // has maxLine bytes
	size   int    // bytes of it in use
	out    []byte
	last   cause // decision about the last line
	within bool  // set inside a line whose beginning has been decided
}

func newLineFilter(to io.Writer, rules *logRules) *lineFilter {
	return &lineFilter{to: to, rules: rules, buffer: make([]byte, maxLine)}
}

// read reads once, and copies the lines that are complete then. It returns the error of reading or
// of writing.
func (f *lineFilter) read(from io.Reader) error {
	n, readErr := from.Read(f.buffer[f.size:])
	f.size += n
	if err := f.lines(false); err != nil {
		return err
	}
	return readErr
}

// lines copies complete lines and, at the end, the rest with a newline added.
func (f *lineFilter) lines(atEnd bool) error {
	rest := f.buffer[:f.size]
	for len(rest) > 0 {
		end := bytes.IndexByte(rest, '\n') + 1
		if end == 0 {
			if !f.within && !atEnd && len(rest) < len(f.buffer) {
				break
			}
			end = len(rest)
		}
		if err := f.take(rest[:end]); err != nil {
			return err
		}
		rest = rest[end:]
	}
	f.size = copy(f.buffer, rest)
	if atEnd && f.within {
		f.within = false
		if f.last == passed {
			f.out = append(f.out, '\n')
		}
	}
	err := f.flush()
	f.rules.report.tell(false)
	return err
}

// take decides about a line, or about a part of a long one.
func (f *lineFilter) take(part []byte) error {
	if !f.within {
		f.last = f.rules.decide(bytes.TrimRight(part, "\r\n"), f.last)
		f.rules.report.add(f.last)
		if f.last == passed {
			f.out = append(f.out, f.rules.prefixOf(part)...)
		}
	}
	f.within = part[len(part)-1] != '\n'
	if f.last == passed {
		f.out = append(f.out, part...)
	}
	if len(f.out) < maxLine {
		return nil
	}
	return f.flush()
}

func (f *lineFilter) flush() error {
	if len(f.out) == 0 {
		return nil
	}
	_, err := f.to.Write(f.out)
	f.out = f.out[:0]
	return err
}

// A dropReport counts dropped lines and logs the number.
type dropReport struct {
	mutex sync.Mutex
	level string
	count [byExpression + 1]int
	since time.Time // of the first line not reported yet
	now   func() time.Time
	// say returns false if its message could not be delivered.
	say func(format string, args ...any) bool
}

func (r *dropReport) add(why cause) {
	if why == passed {
		return
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if slices.Max(r.count[:]) == 0 {
		r.since = r.now()
	}
	r.count[why]++
}

// tell reports the lines that have not been reported yet, at the end or once some time has passed.
func (r *dropReport) tell(atEnd bool) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	levels, expressions := r.count[byLevel], r.count[byExpression]
	if levels+expressions == 0 || !atEnd && r.now().Sub(r.since) < reportInterval {
		return
	}
	why := fmt.Sprintf("%d below the level %s and %d by log.drop", levels, r.level, expressions)
	switch {
	case expressions == 0:
		why = "below the level " + r.level
	case levels == 0:
		why = "by log.drop"
	}
	lines := "lines"
	if levels+expressions == 1 {
		lines = "line"
	}
	if r.say("dropped %d %s of its output, %s", levels+expressions, lines, why) {
		r.count = [byExpression + 1]int{}
	}
}
