package api

import (
	"log"
	"sync"
	"sync/atomic"
	"time"
)

// A line for each request would take longer than the answer, so that there are at most this many in a window, and then
// one with the number of the others.
const (
	maxLines  = 10
	logWindow = 10 * time.Second
)

// A requestLog writes lines about requests for the configuration. While there are none, it does nothing.
type requestLog struct {
	logger *log.Logger
	left   atomic.Int64 // lines of this window; below zero, requests without one

	mutex  sync.Mutex
	window *time.Timer
}

func newRequestLog(logger *log.Logger) *requestLog {
	l := &requestLog{logger: logger}
	l.left.Store(maxLines)
	return l
}

func (l *requestLog) received() {
	left := l.left.Add(-1)
	if left < 0 {
		return
	}
	if left == maxLines-1 {
		l.mutex.Lock()
		l.window = time.AfterFunc(logWindow, l.summarize)
		l.mutex.Unlock()
	}
	l.logger.Print("Received a request for config.")
}

// summarize ends a window.
func (l *requestLog) summarize() {
	if left := l.left.Swap(maxLines); left < 0 {
		l.logger.Printf("Received %d more requests for config.", -left)
	}
}

func (l *requestLog) close() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.window != nil && l.window.Stop() {
		l.summarize()
	}
}
