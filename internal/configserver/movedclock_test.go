package configserver_test

import (
	"context"
	"sync"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
)

// A movedClock is a machine's clock that has been set. Its times have no monotonic reading, so everything compared
// with them moves, too: more than if a real machine's clock is set.
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
