// Package clock tells the time and sleeps. Specs can use their own clock, and need not wait.
package clock

import (
	"context"
	"time"
)

// A Clock tells the time and sleeps.
type Clock interface {
	Now() time.Time
	// Sleep waits for the duration. It returns false if the context ends first.
	Sleep(ctx context.Context, duration time.Duration) bool
}

// System is the machine's clock.
type System struct{}

// Now returns the current time.
func (System) Now() time.Time { return time.Now() }

// Sleep implements Clock.
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
