package show

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// A StatusArea stays on a terminal below the log.
type StatusArea interface {
	// Changed receives a value whenever Lines may have changed.
	Changed() <-chan struct{}
	// Lines returns the lines to show, none of them wider than the terminal, and fewer than it has
	// rows; none if there is nothing to show. The log waits while it runs.
	Lines() []string
}

const (
	// footerInterval is the minimum time between two drawings of the status area, and so the
	// maximum delay of a log line.
	footerInterval = 100 * time.Millisecond
	// heldBytes is the maximum number of delayed bytes of the log.
	heldBytes = 256 << 10
	// terminalBytes is the size of a single write to the terminal: small, so that progress of a
	// slow terminal is visible.
	terminalBytes = 4 << 10
)

// Control sequences. The cursor stays at the beginning of the status area, so that erasing it never
// erases the log, even if the size of the terminal has changed.
const (
	eraseBelow = "\r\x1b[J"
	plainText  = "\x1b[m"
	upLines    = "\x1b[%dA"
)

// NewOutputWithStatus returns an Output that writes whole lines to a terminal, and keeps a status
// area below them until it is closed.
func NewOutputWithStatus(to io.Writer, footer StatusArea) *Output {
	o := newOutput()
	s := &screen{output: o, to: to, footer: footer}
	go func() {
		defer close(o.done)
		s.run()
	}()
	return o
}

// A screen is a terminal with a status area. Only one goroutine uses it, and nothing else writes to
// the terminal.
type screen struct {
	output *Output
	to     io.Writer
	footer StatusArea

	held  []byte   // log lines that are not written yet
	texts int64    // the number of writes in held
	shown []string // the status area on the terminal
	drawn time.Time
}

// run returns when the output has been closed and everything is written, or when a write has
// failed.
func (s *screen) run() {
	var due <-chan time.Time // when to write what is held back
	for ok := true; ok; {
		select {
		case text, open := <-s.output.queue:
			if !open {
				s.write(nil)
				return
			}
			s.held, s.texts = append(s.held, text...), s.texts+1
		case <-s.footer.Changed():
		case <-due:
			due = nil
		}
		pause := s.pause()
		if pause <= 0 {
			due, ok = nil, s.draw()
			continue
		}
		if due == nil {
			due = time.After(pause)
		}
		if len(s.held) >= heldBytes {
			ok = s.write(nil)
		}
	}
}

// pause returns the time until the status area may be drawn again; 0 if there is none.
func (s *screen) pause() time.Duration {
	if s.drawn.IsZero() {
		return 0
	}
	return footerInterval - time.Since(s.drawn)
}

// draw writes the held log lines, and the status area below them. Like write, it returns false if a
// write fails.
func (s *screen) draw() bool {
	lines := s.footer.Lines()
	s.drawn = time.Time{}
	if len(lines) > 0 {
		s.drawn = time.Now()
	}
	if len(s.held) == 0 && slices.Equal(lines, s.shown) {
		return true
	}
	return s.write(lines)
}

// write writes the held log lines over the status area, and the new status area below them.
func (s *screen) write(footer []string) bool {
	var text strings.Builder
	if len(s.shown) > 0 {
		text.WriteString(eraseBelow)
	}
	text.Write(s.held)
	if len(footer) > 0 {
		text.WriteString(plainText + strings.Join(footer, "\n") + "\r")
		if len(footer) > 1 {
			fmt.Fprintf(&text, upLines, len(footer)-1)
		}
	}
	texts := s.texts
	s.held, s.texts, s.shown = s.held[:0], 0, footer
	s.output.begin() // there may be only a status area
	for chunk := range slices.Chunk([]byte(text.String()), terminalBytes) {
		if !s.output.hand(s.to, chunk) {
			return false
		}
	}
	s.output.busy.Add(-texts - 1)
	return true
}
