package keep

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// firstRetry is the delay after a source's first failure.
const firstRetry = 500 * time.Millisecond

// poll polls a source: once per interval, reduced at random by up to a tenth so that instances do not poll at
// the same moment. While the source is down, delays grow up to the interval.
func (k *Keeper) poll(ctx context.Context, from *source) {
	retries := backoff.NewExponentialBackOff()
	retries.InitialInterval = min(firstRetry, k.options.Interval)
	retries.Multiplier = 2
	retries.MaxInterval = k.options.Interval
	for {
		pause := k.options.Interval - time.Duration(rand.Int64N(int64(k.options.Interval)/10+1))
		if k.round(ctx, from) {
			retries.Reset()
		} else {
			pause = min(retries.NextBackOff(), k.options.Interval)
		}
		if !k.options.Clock.Sleep(ctx, pause) {
			return
		}
	}
}

// round asks a source once for all requests in use, and reports whether it answered.
func (k *Keeper) round(ctx context.Context, from *source) bool {
	err := k.fetch(ctx, from, k.main)
	if err != nil && k.reopen(ctx, from) {
		err = k.fetch(ctx, from, k.main)
	}
	if ctx.Err() != nil {
		return true // it was interrupted
	}
	if err != nil {
		k.settle() // the answer may have been rejected for its size
		if from.outage.occurred(err) {
			k.options.Logf("The source %q cannot be read: %s%s", from.Name(), sentence(err), k.remaining(from))
		}
		return false
	}
	from.settings.ended() // if the source is down once more, the log says again what is wrong with them
	if from.outage.ended() {
		k.options.Logf("The source %q answers again.", from.Name())
	}
	for _, s := range k.inUse() {
		_ = k.fetch(ctx, from, s) // the subject records the error
	}
	if from.changed.Swap(false) {
		k.settle()
	}
	return true
}

func (k *Keeper) settle() {
	if k.options.Settled != nil {
		k.options.Settled()
	}
}

// remaining says what is served while a source is down.
func (k *Keeper) remaining(from *source) string {
	k.main.mutex.Lock()
	defer k.main.mutex.Unlock()
	p := k.main.parts[from.index]
	if p.good == nil {
		return ""
	}
	age := max(0, k.options.Clock.Now().Sub(p.confirmed)).Round(time.Second)
	return " Its answer of " + age.String() + " ago stays."
}

// reopen replaces a source whose settings have changed.
func (k *Keeper) reopen(ctx context.Context, from *source) bool {
	origin := from.origin()
	if origin.Reopen == nil {
		return false
	}
	next, err := origin.Reopen(ctx)
	if err != nil {
		if ctx.Err() == nil && from.settings.occurred(err) {
			k.options.Logf("The settings of the source %q cannot be read again: %s", from.Name(), sentence(err))
		}
		return false
	}
	if from.settings.ended() {
		k.options.Logf("The settings of the source %q can be read again.", from.Name())
	}
	if next == nil {
		return false
	}
	k.options.Logf("The settings of the source %q have changed.", from.Name())
	from.replace(next)
	k.close(origin)
	return true
}
