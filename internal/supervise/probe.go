//go:build linux

package supervise

import (
	"context"
	"io"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

const (
	defaultInterval = 30 // seconds; the platform's for an app
	// Until the first success, probes come more often than asked for.
	firstPause   = 20 * time.Millisecond
	longestPause = 500 * time.Millisecond
	// lastBytes is how long the rest of an answer is waited for.
	lastBytes = 10 * time.Millisecond
)

// A probe is a check of a command, in whose environment and directory it is made.
type probe struct {
	supervision.Check
	command  command
	children *reaper // of what a supervision.CheckExec runs
}

func (p probe) interval() time.Duration { return seconds(p.Interval, defaultInterval) }

// check asks once. The error is for a user: what was asked, and what came of it.
func (p probe) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.timeout())
	defer cancel()
	switch p.Type {
	case supervision.CheckProcess:
		return nil
	case supervision.CheckExec:
		return p.exec(ctx)
	default:
		return p.connect(ctx)
	}
}

// connect asks what listens.
func (p probe) connect(ctx context.Context) error {
	at, err := p.address()
	if err != nil {
		return err
	}
	headers, err := p.headers(at.host())
	if err != nil {
		return err
	}
	connection, err := at.dial(ctx)
	if err != nil {
		return p.failed(ctx, at, err)
	}
	defer connection.Close() // there is nothing to lose
	if p.Type == supervision.CheckPort {
		return nil
	}
	defer context.AfterFunc(ctx, func() { _ = connection.SetDeadline(time.Unix(1, 0)) })()
	if err := p.get(connection, headers); err != nil {
		return p.failed(ctx, at, err)
	}
	// A server that is about to finish may do so; the status is all that counts.
	_ = connection.SetReadDeadline(time.Now().Add(lastBytes))
	_, _ = io.Copy(io.Discard, io.LimitReader(connection, maxAnswer))
	return nil
}

// watch asks until the context ends, and tells each answer: nil for a success.
// Until the first one, and until patience is over, it asks more often.
func (p probe) watch(ctx context.Context, patience time.Duration, tell func(error)) {
	succeeded := false
	began := time.Now()
	pauses := doubling(firstPause, longestPause)
	for {
		err := p.check(ctx)
		if ctx.Err() != nil {
			return
		}
		tell(err)
		pause := min(pauses.NextBackOff(), p.interval())
		if succeeded = succeeded || err == nil; succeeded || time.Since(began) > patience {
			pause = p.interval()
		}
		if !clock.Sleep(ctx, pause) {
			return
		}
	}
}
