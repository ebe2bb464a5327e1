package configserver

import (
	"net"
	"net/http"
	"sync"
)

// maxConnections are those that are served at once. With at most 16 KiB of headers
// each, they stay within a few MB of the 32 that are reserved. Of a body nothing is
// kept: the server reads past it, 256 KiB at most.
const maxConnections = 128

// A limited listener accepts no more connections than that. The next one waits in the
// kernel until one ends; one that is kept alive, and has no request, ends for it.
type limited struct {
	net.Listener
	slots chan struct{}

	mutex   sync.Mutex
	waiting bool // for a slot
	idle    map[net.Conn]bool
}

func limit(listener net.Listener) *limited {
	return &limited{Listener: listener, slots: make(chan struct{}, maxConnections), idle: map[net.Conn]bool{}}
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
	return &slot{Conn: connection, release: sync.OnceFunc(func() { <-l.slots })}, nil
}

func (l *limited) wait() {
	l.mutex.Lock()
	l.waiting = true
	for connection := range l.idle {
		_ = connection.Close() // its client has nothing under way
		break
	}
	l.mutex.Unlock()
	l.slots <- struct{}{}
	l.mutex.Lock()
	l.waiting = false
	l.mutex.Unlock()
}

// changed is the server's http.Server.ConnState.
func (l *limited) changed(connection net.Conn, state http.ConnState) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if state != http.StateIdle {
		delete(l.idle, connection)
		return
	}
	l.idle[connection] = true
	if l.waiting {
		_ = connection.Close()
	}
}

// A slot is a connection that makes room when it is closed.
type slot struct {
	net.Conn
	release func()
}

func (s *slot) Close() error {
	defer s.release()
	return s.Conn.Close()
}
