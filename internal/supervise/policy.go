package supervise

import (
	"cmp"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	firstBackoff   = time.Second
	longestBackoff = 30 * time.Second
	// healthy is how long a command has to stay healthy before its earlier failures no longer
	// count.
	healthy = time.Minute
)

// A policy decides when a command is restarted.
type policy struct {
	limit int // 0 is no limit
	count int // consecutive restarts
	// first and maxPause are the shortest and the longest pause; 0 means firstBackoff and
	// longestBackoff.
	first, maxPause time.Duration
	pauses          backoff.ExponentialBackOff
}

// next returns how long to wait before a restart, given how long the command was healthy. again is
// false if there is to be no restart.
func (p *policy) next(health time.Duration) (pause time.Duration, again bool) {
	if health >= healthy {
		p.count = 0
	}
	if p.count == 0 {
		p.pauses = doubling(cmp.Or(p.first, firstBackoff), cmp.Or(p.maxPause, longestBackoff))
	}
	p.count++
	if p.limit > 0 && p.count > p.limit {
		return 0, false
	}
	return p.pauses.NextBackOff(), true
}

// doubling returns pauses that double from first up to maxPause.
func doubling(first, maxPause time.Duration) backoff.ExponentialBackOff {
	return backoff.ExponentialBackOff{InitialInterval: first, Multiplier: 2, MaxInterval: maxPause}
}
