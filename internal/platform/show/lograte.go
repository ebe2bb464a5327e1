package show

import (
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// overagePause is how long nothing is logged once the limit has been exceeded.
const overagePause = time.Second

// A LogRate limits what one instance logs, as Diego does (executor,
// depot/log_streamer/log_rate_limiter.go): app and sidecars share it, together with what
// is logged of their health and their exits. The zero value of a pointer has no limit.
type LogRate struct {
	mutex    sync.Mutex
	bytes    int64 // a second; 0 lets nothing be logged
	limiter  *rate.Limiter
	now      func() time.Time
	exceeded time.Time // the last time
}

// NewLogRate is a limit of so many bytes a second; 0 lets nothing be logged.
func NewLogRate(bytes int64, now func() time.Time) *LogRate {
	return &LogRate{bytes: bytes, limiter: rate.NewLimiter(rate.Limit(bytes), int(bytes)), now: now}
}

// Line writes a line of the platform's own, unless it is beyond the limit.
func (r *LogRate) Line(log *Log, source string, index int, s Stream, text string) {
	r.write(log, source, index, text, func() { log.Line(source, index, s, text) })
}

// Raw writes a line of a program as it is, unless it is beyond the limit.
func (r *LogRate) Raw(log *Log, source string, index int, s Stream, text string) {
	r.write(log, source, index, text, func() { log.raw(source, index, s, text) })
}

// write has a line written, unless it is beyond the limit. The first that is says so
// under the source whose line it would have been.
func (r *LogRate) write(log *Log, source string, index int, text string, write func()) {
	switch r.admit(len(text)) {
	case admitted:
		write()
	case exceeding:
		log.Line(source, index, Out, fmt.Sprintf("app instance exceeded log rate limit (%d bytes/sec)", r.bytes))
	}
}

// An admission tells whether a line is shown.
type admission int

const (
	admitted  admission = iota
	exceeding           // it is dropped, and the limit exceeded
	dropped             // it is dropped because of an earlier one
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
