package show

import (
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// overagePause is how long nothing is logged after the limit was exceeded.
const overagePause = time.Second

// A LogRate limits the log of one instance, as Diego does (executor,
// depot/log_streamer/log_rate_limiter.go): app and sidecars share it, and so do lines about their
// health and their exits. A nil *LogRate has no limit.
type LogRate struct {
	mutex    sync.Mutex
	bytes    int64 // per second; 0 drops everything
	limiter  *rate.Limiter
	now      func() time.Time
	exceeded time.Time // the last time
}

// NewLogRate returns a limit in bytes per second; 0 drops everything.
func NewLogRate(bytes int64, now func() time.Time) *LogRate {
	return &LogRate{bytes: bytes, limiter: rate.NewLimiter(rate.Limit(bytes), int(bytes)), now: now}
}

// Line writes a line of the platform itself, unless it exceeds the limit.
func (r *LogRate) Line(log *Log, source string, index int, s Stream, text string) {
	r.write(log, source, index, text, func() { log.Line(source, index, s, text) })
}

// Raw writes a program's line unchanged, unless it exceeds the limit.
func (r *LogRate) Raw(log *Log, source string, index int, s Stream, text string) {
	r.write(log, source, index, text, func() { log.raw(source, index, s, text) })
}

// write calls write, unless the line exceeds the limit. Instead of the first such line, it logs
// under the same source that the limit is exceeded.
func (r *LogRate) write(log *Log, source string, index int, text string, write func()) {
	switch r.admit(len(text)) {
	case admitted:
		write()
	case exceeding:
		log.Line(source, index, Out, fmt.Sprintf("app instance exceeded log rate limit (%d bytes/sec)", r.bytes))
	}
}

// An admission is the decision about a line.
type admission int

const (
	admitted  admission = iota
	exceeding           // dropped: it exceeds the limit
	dropped             // dropped: an earlier line has exceeded it
)

func (r *LogRate) admit(length int) admission {
	if r == nil {
		return admitted
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	now := r.now()
	switch {
	case r.bytes == 0 || now.Before(r.exceeded.Add(overagePause)):
		return dropped
	case !r.limiter.AllowN(now, length):
		r.exceeded = now
		return exceeding
	default:
		return admitted
	}
}
