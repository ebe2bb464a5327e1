package platform

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
)

// startupInterval is the time between checks until the first one has passed.
const startupInterval = 500 * time.Millisecond

// A healthMonitor checks one instance for as long as it runs, as Diego does: the
// steps of executor (depot/steps/health_check_step.go), and the loops of the healthcheck
// program (healthcheck, cmd/healthcheck).
type healthMonitor struct {
	startTimeout time.Duration // to pass once
	interval     time.Duration // between checks once one has passed
	// say writes a line of a source into the instance's log.
	say func(source string, s show.Stream, text string)
	// check makes one check.
	check func(context.Context) error
	// found is told what each check until the first that passes has found, of that nil.
	found func(error)
}

// run checks until the context ends or the instance is found unwell, and says so in
// the platform's words (CF-45).
func (m *healthMonitor) run(ctx context.Context) error {
	m.say(show.SourceCell, show.Out, "Starting health monitoring of container")
	began := time.Now()
	err := m.startup(ctx)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		taken := time.Since(began).Round(time.Millisecond)
		m.say(show.SourceHealth, show.Err, err.Error())
		m.say(show.SourceCell, show.Err, fmt.Sprintf("Failed after %s: startup health check never passed.", taken))
		return fmt.Errorf("Instance never healthy after %s: %w", taken, err) //lint:ignore ST1005 the platform's words
	}
	m.say(show.SourceCell, show.Out, "Container became healthy")
	m.found(nil)
	for {
		err := m.check(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			err = fmt.Errorf("Liveness check unsuccessful: %w", err) //lint:ignore ST1005 the platform's words
			m.say(show.SourceHealth, show.Err, err.Error())
			m.say(show.SourceCell, show.Err, "Container became unhealthy")
			return fmt.Errorf("Instance became unhealthy: %w", err) //lint:ignore ST1005 the platform's words
		}
		if !clock.Sleep(ctx, m.interval) {
			return nil
		}
	}
}

// startup checks until a check passes, the time is up or the context ends.
func (m *healthMonitor) startup(ctx context.Context) error {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, m.startTimeout)
	defer cancel()
	ticker := time.NewTicker(startupInterval)
	defer ticker.Stop()
	last := errors.New("it has not answered yet")
	for attempts := 1; ; attempts++ {
		err := m.check(ctx)
		switch {
		case err == nil:
			return nil
		case ctx.Err() == nil:
			last = err
			m.found(err)
			select {
			case <-ticker.C:
			case <-ctx.Done():
			}
		}
		if ctx.Err() != nil || time.Since(began) >= m.startTimeout { // the ticker may be first
			return fmt.Errorf("Timed out after %s (%d attempts) waiting for startup check to succeed: %w", m.startTimeout, attempts, last) //lint:ignore ST1005 the platform's words
		}
	}
}
