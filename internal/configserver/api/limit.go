package api

import (
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// maxConnections limits the connections that are served at once. With at most 16 KiB of headers each, they use a
// few of the 32 MB that are reserved. Bodies are not stored: the server skips them, up to 256 KiB.
const maxConnections = 128

// How long a connection may stay in a state, in seconds. Deadlines of net/http would have to be set four times
// per request, which takes longer than the answer itself.
const (
	maxNew    = 5 // until the first request's header is complete
	maxActive = 45
	maxIdle   = 60 // until the next request's header is complete
	// How long a client may go without reading its answer: at most, and while another connection waits for a
	// slot.
	maxStalled        = 10
	maxStalledCrowded = 2
)

// chunk is how much of an answer is written before the client counts as reading.
const chunk = 256 << 10

// limited is a listener that accepts at most maxConnections connections. Further ones wait in the kernel until
// one ends. To make room, it closes an idle keep-alive connection, or one whose client does not read its answer,
// so that stalled clients cannot block /health.
type limited struct {
	net.Listener
	slots   chan struct{}
	waiting atomic.Bool  // for a slot
	seconds atomic.Int64 // that have passed while connections were open

	mutex sync.Mutex
	open  map[*slot]bool
	timer *time.Timer // nil until the first connection
}

func limit(listener net.Listener) *limited {
	return &limited{Listener: listener, slots: make(chan struct{}, maxConnections), open: map[*slot]bool{}}
}

// Accept must be called by one goroutine only.
func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	default:
		l.wait()
	}
	connection, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	s := &slot{Conn: connection, of: l}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	s.since.Store(l.seconds.Load())
	if len(l.open) == 0 {
		l.startLocked()
	}
	l.open[s] = true
	return s, nil
}

func (l *limited) wait() {
	l.waiting.Store(true)
	defer l.waiting.Store(false)
	l.mutex.Lock()
	var idle *slot
	for s := range l.open {
		if s.state.Load() == int32(http.StateIdle) {
			idle = s
		}
	}
	l.mutex.Unlock()
	if idle != nil {
		_ = idle.Close() // no request is in progress
	}
	l.slots <- struct{}{} // expire closes stalled connections
}

func (l *limited) startLocked() {
	if l.timer == nil {
		l.timer = time.AfterFunc(time.Second, l.expire)
	} else {
		l.timer.Reset(time.Second)
	}
}

// expire closes connections that have been in a state for too long. It runs every second while there are
// connections.
func (l *limited) expire() {
	now := l.seconds.Add(1)
	l.mutex.Lock()
	var late []*slot
	for s := range l.open {
		if now-s.since.Load() > s.mayLast() || s.stalledFor(now) > l.mayStall() {
			late = append(late, s)
		}
	}
	if len(l.open) > 0 {
		l.timer.Reset(time.Second)
	}
	l.mutex.Unlock()
	for _, s := range late {
		_ = s.Close()
	}
}

// changed is the server's http.Server.ConnState. It takes no lock, since it runs twice per request.
func (l *limited) changed(connection net.Conn, state http.ConnState) {
	s := connection.(*slot)
	s.state.Store(int32(state))
	s.since.Store(l.seconds.Load())
	if state == http.StateHijacked {
		s.release() // it waits for a change; waiting counts it
	}
	if state == http.StateIdle && l.waiting.Load() {
		_ = s.Close()
	}
}

// slot is a connection that frees its slot when closed.
type slot struct {
	net.Conn
	of    *limited
	state atomic.Int32 // an http.ConnState
	since atomic.Int64 // as of limited.seconds
	wrote atomic.Int64 // when the current write last made progress, plus 1; 0 if there is no write
	once  sync.Once
}

// Write writes in chunks, to tell clients that read from those that do not.
func (s *slot) Write(bytes []byte) (written int, err error) {
	defer s.wrote.Store(0)
	for {
		s.wrote.Store(s.of.seconds.Load() + 1)
		n, err := s.Conn.Write(bytes[:min(len(bytes), chunk)])
		written += n
		if bytes = bytes[n:]; err != nil || len(bytes) == 0 {
			return written, err
		}
	}
}

// stalledFor returns for how many seconds the client has read nothing.
func (s *slot) stalledFor(now int64) int64 {
	if since := s.wrote.Load(); since > 0 {
		return now + 1 - since
	}
	return 0
}

func (l *limited) mayStall() int64 {
	if l.waiting.Load() {
		return maxStalledCrowded
	}
	return maxStalled
}

// mayLast returns how long the connection may stay in its state.
func (s *slot) mayLast() int64 {
	switch http.ConnState(s.state.Load()) {
	case http.StateIdle:
		return maxIdle
	case http.StateActive:
		return maxActive
	default:
		return maxNew
	}
}

func (s *slot) Close() error {
	s.release()
	return s.Conn.Close()
}

func (s *slot) release() {
	s.once.Do(func() {
		s.of.mutex.Lock()
		delete(s.of.open, s)
		s.of.mutex.Unlock()
		<-s.of.slots
	})
}
