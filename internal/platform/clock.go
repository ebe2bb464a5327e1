package platform

import (
	"context"
	"time"
)

// A clock tells the time and lets it pass. Every Platform has the machine's; specs
// that would have to wait put one of their own in its place.
type clock interface {
	Now() time.Time
	// Sleep waits, and is false where the context ends before the time is up.
	Sleep(ctx context.Context, duration time.Duration) bool
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) Sleep(ctx context.Context, duration time.Duration) bool {
	return wait(ctx, duration)
}
