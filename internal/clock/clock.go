// Package clock tells the time and lets it pass, so that a spec can put a clock of its
// own in the place of the machine's and need not wait.
package clock

import (
	"context"
	"time"
)

// A Clock tells the time and lets it pass.
type Clock interface {
	Now() time.Time
	// Sleep waits, and is false if the context ends before the time is up.
	Sleep(ctx context.Context, duration time.Duration) bool
}

// System is the machine's clock.
type System struct{}

// Now is the current time.
func (System) Now() time.Time { return time.Now() }

// Sleep is described with Clock.
func (System) Sleep(ctx context.Context, duration time.Duration) bool { return Sleep(ctx, duration) }

// Sleep waits by the machine's clock, and is false if the context ends before the time is up.
func Sleep(ctx context.Context, duration time.Duration) bool {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
