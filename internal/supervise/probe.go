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
	defaultInterval = 30 // in seconds, the platform's default for an app
	// Until the first success, probes run more often than the interval.
	firstPause   = 20 * time.Millisecond
	longestPause = 500 * time.Millisecond
	// lastBytes is how long to wait for the rest of a response.
	lastBytes = 10 * time.Millisecond
)

// A probe runs a check of a command, in the command's environment and directory.
type probe struct {
	supervision.Check
	command  command
	children *reaper // of the processes that a supervision.CheckExec starts
}

func (p probe) interval() time.Duration { return seconds(p.Interval, defaultInterval) }

// check probes once. Its error tells a user what was probed, and what happened.
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

// connect probes a port or a socket.
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
	defer connection.Close() // nothing can be lost
	if p.Type == supervision.CheckPort {
		return nil
	}
	defer context.AfterFunc(ctx, func() { _ = connection.SetDeadline(time.Unix(1, 0)) })()
	if err := p.get(connection, headers); err != nil {
		return p.failed(ctx, at, err)
	}
	// This lets a server that is about to finish do so; only the status matters.
	_ = connection.SetReadDeadline(time.Now().Add(lastBytes))
	_, _ = io.Copy(io.Discard, io.LimitReader(connection, maxAnswer))
	return nil
}

// watch probes until the context ends, and reports each result: nil for a success. Until the first
// success, and until patience is over, it probes more often.
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
