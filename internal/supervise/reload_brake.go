package supervise

import (
	"time"

	"github.com/cenkalti/backoff/v5"
)

// freeReloads is how many consecutive reloads come without a pause: certificates, keys and bindings
// may be replaced one after the other.
const freeReloads = 10

// A reloadBrake slows down reloads that follow each other without a calm minute in between. A
// sidecar that writes to a file that it watches would otherwise reload forever. The zero value is
// ready to use, by one goroutine at a time.
type reloadBrake struct {
	count  int // consecutive reloads
	last   time.Time
	pauses backoff.ExponentialBackOff
}

// next returns how long to wait before the reload for a change found now: not at all for the first
// ones in a row, and then twice as long each time, as before a restart.
func (b *reloadBrake) next(now time.Time) (pause time.Duration) {
	if now.Sub(b.last) >= healthy {
		b.count = 0
	}
	b.count++
	switch {
	case b.count <= freeReloads:
	case b.count == freeReloads+1:
		b.pauses = doubling(firstBackoff, longestBackoff)
		fallthrough
	default:
		pause = b.pauses.NextBackOff()
	}
	b.last = now.Add(pause)
	return pause
}
