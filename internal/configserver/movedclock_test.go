package configserver_test

import (
	"context"
	"sync"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
)

// A movedClock is the clock of a machine that was set. Its times have no monotonic reading, so that all that is
// compared with them moves, too: more than when the clock of a machine is set.
type movedClock struct {
	mutex sync.Mutex
	by    time.Duration
}

func (c *movedClock) move(by time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.by += by
}

// Now is described with clock.Clock.
func (c *movedClock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return time.Now().Round(0).Add(c.by)
}

// Sleep is described with clock.Clock.
func (c *movedClock) Sleep(ctx context.Context, duration time.Duration) bool {
	return clock.Sleep(ctx, duration)
}
