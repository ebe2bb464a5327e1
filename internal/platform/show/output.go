package show

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// outputQueue is how many writes an Output takes before it makes the next
	// one wait.
	outputQueue = 256
	// outputPatience is how long a stop waits for a reader that reads nothing.
	outputPatience = 2 * time.Second
)

// An Output buffers a log for its destination, whose reader may be
// slow or read nothing at all. It makes the log wait, but not for ever once it
// is told to hasten.
type Output struct {
	queue  chan []byte
	gaveUp chan struct{} // closed: what is still to be written is lost
	once   sync.Once
	hasten sync.Once
	done   chan struct{} // closed: all is written
	busy   atomic.Int64  // writes that are queued or under way
	last   atomic.Int64  // when one was last finished, in Unix nanoseconds
	broken atomic.Bool   // a write has failed
	failed chan error
}

// NewOutput starts to hand on what is written, until it is closed.
func NewOutput(to io.Writer) *Output {
	o := newOutput()
	go func() {
		defer close(o.done)
		for text := range o.queue {
			if !o.hand(to, text) {
				return
			}
			o.busy.Add(-1)
		}
	}()
	return o
}

func newOutput() *Output {
	return &Output{
		queue: make(chan []byte, outputQueue), gaveUp: make(chan struct{}),
		done: make(chan struct{}), failed: make(chan error, 1),
	}
}

// hand hands on a text, and is false where that fails: nothing is written then any
// more.
func (o *Output) hand(to io.Writer, text []byte) bool {
	if _, err := to.Write(text); err != nil {
		o.broken.Store(true)
		o.failed <- err
		o.GiveUp()
		return false
	}
	o.last.Store(time.Now().UnixNano())
	return true
}

// begin counts a write that is to be done. Where nothing was to be done before, it is
// from now on that the reader can be found to read nothing.
func (o *Output) begin() {
	if o.busy.Load() == 0 {
		o.last.Store(time.Now().UnixNano())
	}
	o.busy.Add(1)
}

// Write never fails: what cannot be written is told by Failed.
func (o *Output) Write(text []byte) (int, error) {
	o.begin()
	select {
	case o.queue <- append([]byte(nil), text...):
	case <-o.gaveUp:
	}
	return len(text), nil
}

// Failed has the error of a write that failed, after which nothing is written
// any more.
func (o *Output) Failed() <-chan error { return o.failed }

// Expedite gives up on a reader that reads nothing for a while.
func (o *Output) Expedite() {
	o.hasten.Do(func() {
		o.last.Store(time.Now().UnixNano())
		go o.watch()
	})
}

func (o *Output) watch() {
	ticker := time.NewTicker(outputPatience / 20)
	defer ticker.Stop()
	for {
		select {
		case <-o.done:
			return
		case <-ticker.C:
		}
		if o.busy.Load() > 0 && time.Since(time.Unix(0, o.last.Load())) > outputPatience {
			o.GiveUp()
			return
		}
	}
}

// GiveUp loses what is not written yet.
func (o *Output) GiveUp() {
	o.once.Do(func() { close(o.gaveUp) })
}

// Close returns when all is written, or given up. Nothing may be written any
// more.
func (o *Output) Close() error {
	close(o.queue)
	select {
	case <-o.done:
		return nil
	case <-o.gaveUp:
		if o.broken.Load() {
			return nil // Failed tells
		}
		return errors.New("the end of the log could not be written: its reader does not read")
	}
}
