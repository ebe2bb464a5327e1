package gitsource

import (
	"context"
	"errors"
	"time"
)

// How long a fetch may continue after its caller has stopped waiting.
const (
	// maxSilence is how long it may receive nothing.
	maxSilence = 30 * time.Second
	// maxFetch limits the whole fetch.
	maxFetch = 30 * time.Minute
)

var errSilence = errors.New("it has not answered in time")

type progressKey struct{}

// patient returns a context that ends when ctx is canceled, but not at its deadline: fetching a large repository
// takes longer than a caller waits, and would never finish if each poll started over. It also ends if nothing
// arrives for a while.
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
