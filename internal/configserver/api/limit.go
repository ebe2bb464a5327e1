package api

import (
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

// maxConnections are those that are served at once. With at most 16 KiB of headers
// each, they stay within a few MB of the 32 that are reserved. Of a body nothing is
// kept: the server reads past it, 256 KiB at most.
const maxConnections = 128

// A limited listener accepts no more connections than that. The next one waits in the
// kernel until one ends; one that is kept alive, and has no request, ends for it.
type limited struct {
	net.Listener
	slots   chan struct{}
	waiting atomic.Bool // for a slot

	mutex sync.Mutex
	open  map[*slot]bool
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
	l.open[s] = true
	return s, nil
}

func (l *limited) wait() {
	l.waiting.Store(true)
	defer l.waiting.Store(false)
	l.mutex.Lock()
	var idle *slot
	for s := range l.open {
		if s.idle.Load() {
			idle = s
		}
	}
	l.mutex.Unlock()
	if idle != nil {
		_ = idle.Close() // its client has nothing under way
	}
	l.slots <- struct{}{}
}

// changed is the server's http.Server.ConnState. It takes no lock: each request calls
// it twice.
func (l *limited) changed(connection net.Conn, state http.ConnState) {
	s := connection.(*slot)
	s.idle.Store(state == http.StateIdle)
	if state == http.StateHijacked {
		s.release() // it waits for a change, which is counted elsewhere
		return
	}
	if state == http.StateIdle && l.waiting.Load() {
		_ = s.Close()
	}
}

// A slot is a connection that makes room when it is closed.
type slot struct {
	net.Conn
	of   *limited
	idle atomic.Bool
	once sync.Once
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
