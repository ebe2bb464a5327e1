package show

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// outputQueue is the number of buffered writes; the next one waits.
	outputQueue = 256
	// outputPatience is how long a stop waits for a reader that does not read.
	outputPatience = 2 * time.Second
)

// An Output buffers a log for a reader that may be slow, or not read at all. Writes wait for the
// reader, but after Expedite only for a limited time.
type Output struct {
	queue  chan []byte
	gaveUp chan struct{} // closed: the rest is dropped
	once   sync.Once
	hasten sync.Once
	done   chan struct{} // closed: everything is written
	busy   atomic.Int64  // writes that are queued or under way
	last   atomic.Int64  // when the last write finished, in Unix nanoseconds
	broken atomic.Bool   // a write has failed
	failed chan error
}

// NewOutput returns an Output that writes to a writer until it is closed.
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

// hand writes a text. It returns false if that fails; then nothing is written anymore.
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

// begin counts a write. If there was none before, the time without progress begins now.
func (o *Output) begin() {
	if o.busy.Load() == 0 {
		o.last.Store(time.Now().UnixNano())
	}
	o.busy.Add(1)
}

// Write never fails; Failed reports errors.
func (o *Output) Write(text []byte) (int, error) {
	o.begin()
	select {
	case o.queue <- append([]byte(nil), text...):
	case <-o.gaveUp:
	}
	return len(text), nil
}

// Failed receives the error of a failed write, after which nothing is written anymore.
func (o *Output) Failed() <-chan error { return o.failed }

// Expedite limits how long the output waits for a reader that does not read.
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

// GiveUp drops everything that is not written yet.
func (o *Output) GiveUp() {
	o.once.Do(func() { close(o.gaveUp) })
}

// Close returns when everything is written or dropped. Nothing may be written after it.
func (o *Output) Close() error {
	close(o.queue)
	select {
	case <-o.done:
		return nil
	case <-o.gaveUp:
		if o.broken.Load() {
			return nil // Failed reports it
		}
		return errors.New("the end of the log could not be written: its reader does not read")
	}
}
