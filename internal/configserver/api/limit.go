package api

import (
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// maxConnections are those that are served at once. With at most 16 KiB of headers
// each, they stay within a few MB of the 32 that are reserved. Of a body nothing is
// kept: the server reads past it, 256 KiB at most.
const maxConnections = 128

// How long a connection may be in a state, in seconds. Deadlines of net/http would be set anew four
// times for each request, which takes longer than to answer it.
const (
	maxNew    = 5 // until the end of the first request's header
	maxActive = 45
	maxIdle   = 60 // until the end of the next request's header
	// How long a client may read nothing of its answer: ever, and if another connection waits for its place.
	maxStalled        = 10
	maxStalledCrowded = 2
)

// chunk is how much of an answer is written before it counts as read on.
const chunk = 256 << 10

// A limited listener accepts no more connections than that. The next one waits in the
// kernel until one ends; one that is kept alive, and has no request, ends for it, or one whose client does not read
// its answer. So clients that read nothing cannot keep /health from an answer.
type limited struct {
	net.Listener
	slots   chan struct{}
	waiting atomic.Bool  // for a slot
	seconds atomic.Int64 // that have passed while there were connections

	mutex sync.Mutex
	open  map[*slot]bool
	timer *time.Timer // nil until the first connection
}

func limit(listener net.Listener) *limited {
	return &limited{Listener: listener, slots: make(chan struct{}, maxConnections), open: map[*slot]bool{}}
}

// Accept is called by one goroutine.
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
		_ = idle.Close() // its client has nothing under way
	}
	l.slots <- struct{}{} // expire closes those that stall
}

func (l *limited) startLocked() {
	if l.timer == nil {
		l.timer = time.AfterFunc(time.Second, l.expire)
	} else {
		l.timer.Reset(time.Second)
	}
}

// expire closes the connections that are in a state for too long, each second while there are some.
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

// changed is the server's http.Server.ConnState. It takes no lock: each request calls
// it twice.
func (l *limited) changed(connection net.Conn, state http.ConnState) {
	s := connection.(*slot)
	s.state.Store(int32(state))
	s.since.Store(l.seconds.Load())
	if state == http.StateHijacked {
		s.release() // it waits for a change, which is counted elsewhere
	}
	if state == http.StateIdle && l.waiting.Load() {
		_ = s.Close()
	}
}

// A slot is a connection that makes room when it is closed.
type slot struct {
	net.Conn
	of    *limited
	state atomic.Int32 // an http.ConnState
	since atomic.Int64 // as of limited.seconds
	wrote atomic.Int64 // since when the write that is under way makes no progress, plus 1; 0 if there is none
	once  sync.Once
}

// Write tells a client that reads from one that does not.
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

// stalledFor is for how many seconds the client has read nothing.
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

// mayLast is how long it may be in its state.
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
