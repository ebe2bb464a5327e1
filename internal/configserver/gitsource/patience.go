package gitsource

import (
	"context"
	"errors"
	"time"
)

// How long a fetch goes on that its caller no longer waits for.
const (
	// maxSilence is how long nothing may arrive.
	maxSilence = 30 * time.Second
	// maxFetch is for all of it.
	maxFetch = 30 * time.Minute
)

var errSilence = errors.New("it has not answered in time")

type progressKey struct{}

// patient is a context that ends when another is canceled, and not at its deadline: a large repository takes longer than a
// caller waits, and would never arrive if each poll began anew. It ends where nothing has arrived for a while.
func patient(ctx context.Context) (work context.Context, stop func()) {
	work, end := context.WithTimeoutCause(context.WithoutCancel(ctx), maxFetch, errSilence)
	work, cancel := context.WithCancelCause(work)
	silence := time.AfterFunc(maxSilence, func() { cancel(errSilence) })
	unlink := context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.Canceled) {
			cancel(context.Canceled)
		}
	})
	work = context.WithValue(work, progressKey{}, silence)
	return work, func() {
		unlink()
		silence.Stop()
		cancel(nil)
		end()
	}
}

// progress tells a patient context that something has arrived.
func progress(ctx context.Context) {
	if silence, is := ctx.Value(progressKey{}).(*time.Timer); is {
		silence.Reset(maxSilence)
	}
}
