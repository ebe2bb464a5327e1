package api

import (
	"log"
	"sync"
	"sync/atomic"
	"time"
)

// One log line per request would take longer than the answer. In each window, at most this many requests are
// logged, followed by one line with the number of the others.
const (
	maxLines  = 10
	logWindow = 10 * time.Second
)

// requestLog logs requests for the configuration. It does nothing while there are none.
type requestLog struct {
	logger *log.Logger
	left   atomic.Int64 // lines left in this window; below zero, the number of requests not logged

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
