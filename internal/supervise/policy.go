package supervise

import (
	"cmp"
	"time"
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
	limit int           // 0 is none
	first time.Duration // pause; 0 is firstBackoff
	count int           // of restarts in a row
}

// next is how long to wait before the command is started again that was well for
// some time; it is false where it is not started again.
func (p *policy) next(health time.Duration) (pause time.Duration, again bool) {
	if health >= healthy {
		p.count = 0
	}
	p.count++
	if p.limit > 0 && p.count > p.limit {
		return 0, false
	}
	doublings := min(p.count-1, 5) // more are more than the longest
	return min(cmp.Or(p.first, firstBackoff)<<doublings, longestBackoff), true
}
