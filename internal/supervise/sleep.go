//go:build linux

package supervise

import (
	"context"
	"time"
)

func seconds(number, otherwise int) time.Duration {
	if number == 0 {
		number = otherwise
	}
	return time.Duration(number) * time.Second
}

// sleep is false where the context ends before the time is up.
func sleep(ctx context.Context, duration time.Duration) bool {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
