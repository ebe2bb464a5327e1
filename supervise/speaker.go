package supervise

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// lastWords is how long the end waits for lines that nobody reads.
const lastWords = 500 * time.Millisecond

// last is the line behind which nothing is written.
const last = ""

// A speaker writes the supervisor's own lines. Whoever speaks does not wait for a
// reader: behind a flood of the command's, that might take long.
type speaker struct {
	to     io.Writer
	prefix string
	once   sync.Once // the first line
	lines  chan string
	done   chan struct{}
}

// newSpeaker puts the name of what it speaks of in front of each line.
func newSpeaker(to io.Writer, name string) *speaker {
	s := &speaker{to: to, prefix: "[supervise] "}
	if name != "" {
		s.prefix += printable.Line(name) + ": "
	}
	return s
}

func (s *speaker) begin() {
	const room = 64 // more than that, and lines are lost
	s.lines, s.done = make(chan string, room), make(chan struct{})
	go func() {
		defer close(s.done)
		for line := range s.lines {
			if line == last {
				return
			}
			_, _ = io.WriteString(s.to, line) // there is nobody else to tell
		}
	}()
}

func (s *speaker) say(format string, args ...any) {
	s.once.Do(s.begin)
	select {
	case s.lines <- s.prefix + printable.Line(fmt.Sprintf(format, args...)) + "\n":
	default:
	}
}

func (s *speaker) close() {
	if s.lines == nil {
		return
	}
	select { // not closed: somebody may still speak
	case s.lines <- last:
	default:
	}
	select {
	case <-s.done:
	case <-time.After(lastWords):
	}
}
