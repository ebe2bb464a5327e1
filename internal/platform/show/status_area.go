package show

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// A StatusArea is what stays on a terminal below the log.
type StatusArea interface {
	// Changed receives whenever Lines may have become others.
	Changed() <-chan struct{}
	// Lines are those to show now, none of them wider than the terminal, and fewer
	// than it is high; none: there is nothing to show. They are asked for between two
	// writes of the log, which wait for them.
	Lines() []string
}

const (
	// footerInterval is the least time between two drawings of a footer, and with it
	// the longest that a log line above one is held back.
	footerInterval = 100 * time.Millisecond
	// heldBytes is how much of the log is held back at most.
	heldBytes = 256 << 10
	// terminalBytes is how much a terminal is given at once: one that is slow must be
	// seen to read.
	terminalBytes = 4 << 10
)

// How a terminal is told. The cursor is left where the status area begins, so that what is
// erased is never part of the log, whatever has become of the terminal's size.
const (
	eraseBelow = "\r\x1b[J"
	plainText  = "\x1b[m"
	upLines    = "\x1b[%dA"
)

// NewOutputWithStatus starts to hand on to a terminal what is written, in whole lines, and
// keeps a footer below it until it is closed.
func NewOutputWithStatus(to io.Writer, footer StatusArea) *Output {
	o := newOutput()
	s := &screen{output: o, to: to, footer: footer}
	go func() {
		defer close(o.done)
		s.run()
	}()
	return o
}

// A screen is a terminal with a footer. It belongs to one goroutine, which is the only
// one that writes to the terminal.
type screen struct {
	output *Output
	to     io.Writer
	footer StatusArea

	held  []byte   // of the log, not written yet
	texts int64    // that this is made of
	shown []string // the status area, where there is one on the terminal
	drawn time.Time
}

// run returns when the output has been closed and all is written, or when a write has
// failed.
func (s *screen) run() {
	var due <-chan time.Time // when what waits is written
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

// pause is how long it takes until the status area may be drawn again. There is none where
// there is no footer.
func (s *screen) pause() time.Duration {
	if s.drawn.IsZero() {
		return 0
	}
	return footerInterval - time.Since(s.drawn)
}

// draw writes what is held back, and the status area below it. It is false where a write
// fails, as is write.
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

// write writes what is held back over the status area, and another status area below it.
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
	s.output.begin() // there may be a footer alone
	for chunk := range slices.Chunk([]byte(text.String()), terminalBytes) {
		if !s.output.hand(s.to, chunk) {
			return false
		}
	}
	s.output.busy.Add(-texts - 1)
	return true
}
