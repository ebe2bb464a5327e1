package supervise

import (
	"cmp"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	firstBackoff   = time.Second
	longestBackoff = 30 * time.Second
	// healthy is how long a command has to be well for its earlier ends to be
	// forgotten.
	healthy = time.Minute
)

// A policy is when a command is started again.
type policy struct {
	limit int // 0 is none
	count int // of restarts in a row
	// first and maxPause are pauses; 0 is firstBackoff and longestBackoff.
	first, maxPause time.Duration
	pauses          backoff.ExponentialBackOff
}

// next is how long to wait before the command is started again that was well for
// some time; it is false where it is not started again.
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

// doubling are pauses of which each is twice as long as the one before, up to the longest.
func doubling(first, maxPause time.Duration) backoff.ExponentialBackOff {
	return backoff.ExponentialBackOff{InitialInterval: first, Multiplier: 2, MaxInterval: maxPause}
}
