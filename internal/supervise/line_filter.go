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
	// maxLine is how many bytes of a line are kept, and decide about it. The rest of a longer
	// one follows its beginning as it comes.
	maxLine = 32 << 10
	// reportInterval is how often at most it is told how many lines were dropped.
	reportInterval = time.Minute
)

// logRules are which lines of a command pass.
type logRules struct {
	least  logLevel
	drop   *regexp.Regexp // nil for none
	prefix []byte
	report *dropReport
}

// newLogRules are those of a command with a name. The error is of an expression that staging
// would have refused.
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

// A cause is why a line is dropped.
type cause int

const (
	passed cause = iota
	byLevel
	byExpression
)

// decide is whether a line passes, before being what the line before it did. An
// indented line, or the cause of an exception of Java's, belongs to the line
// before.
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

// A lineFilter passes on the lines of one output that are not dropped, as they are. It holds
// back what is no whole line yet, maxLine bytes at most, and waits for whoever reads.
type lineFilter struct {
	to     io.Writer
	rules  *logRules
	buffer []byte // of maxLine bytes
	size   int    // of what is in it
	out    []byte
	last   cause // of the last line
	within bool  // a line whose beginning has been decided about
}

func newLineFilter(to io.Writer, rules *logRules) *lineFilter {
	return &lineFilter{to: to, rules: rules, buffer: make([]byte, maxLine)}
}

// read reads once, and passes on what is whole then. The error is that of reading, or of
// writing.
func (f *lineFilter) read(from io.Reader) error {
	n, readErr := from.Read(f.buffer[f.size:])
	f.size += n
	if err := f.lines(false); err != nil {
		return err
	}
	return readErr
}

// lines passes on whole lines, and at the end what is left, with an end of line.
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

// take is for a line, or a part of a long one.
func (f *lineFilter) take(part []byte) error {
	if !f.within {
		f.last = f.rules.decide(bytes.TrimRight(part, "\r\n"), f.last)
		f.rules.report.add(f.last)
		if f.last == passed {
			f.out = append(f.out, f.rules.prefix...)
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

// A dropReport counts the lines that are dropped, and tells how many.
type dropReport struct {
	mutex sync.Mutex
	level string
	count [byExpression + 1]int
	since time.Time // of the first one that has not been told of
	now   func() time.Time
	// say is false if its message could not be delivered.
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

// tell tells of the lines that it has not told of yet, at the end or when some time has passed.
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
