// Package watch checks an instance of an app: by the platform's health and readiness checks, which
// request its port, and by the sockets on which its processes listen.
package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
)

// StartupInterval is the time between checks until the first success.
const StartupInterval = 500 * time.Millisecond

// A HealthMonitor checks one instance while it runs, as Diego does: with the steps of executor
// (depot/steps/health_check_step.go), and the loops of the healthcheck program (healthcheck,
// cmd/healthcheck).
type HealthMonitor struct {
	StartTimeout time.Duration // until a check must have passed
	Interval     time.Duration // between checks after the first success
	// Logf writes a line to the instance's log.
	Logf func(source string, s show.Stream, text string)
	// Check makes one check.
	Check func(context.Context) error
	// Found gets the result of each check until the first success, for which it gets nil.
	Found func(error)
}

// Run checks until the context ends or the instance is unhealthy. Its error has the platform's
// words (CF-45).
func (m *HealthMonitor) Run(ctx context.Context) error {
	m.Logf(show.SourceCell, show.Out, "Starting health monitoring of container")
	began := time.Now()
	err := m.startup(ctx)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		taken := time.Since(began).Round(time.Millisecond)
		m.Logf(show.SourceHealth, show.Err, err.Error())
		m.Logf(show.SourceCell, show.Err, fmt.Sprintf("Failed after %s: startup health check never passed.", taken))
		return fmt.Errorf("Instance never healthy after %s: %w", taken, err) //lint:ignore ST1005 the platform's words
	}
	m.Logf(show.SourceCell, show.Out, "Container became healthy")
	m.Found(nil)
	for {
		err := m.Check(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			err = fmt.Errorf("Liveness check unsuccessful: %w", err) //lint:ignore ST1005 the platform's words
			m.Logf(show.SourceHealth, show.Err, err.Error())
			m.Logf(show.SourceCell, show.Err, "Container became unhealthy")
			return fmt.Errorf("Instance became unhealthy: %w", err) //lint:ignore ST1005 the platform's words
		}
		if !clock.Sleep(ctx, m.Interval) {
			return nil
		}
	}
}

// startup checks until a check passes, the time is over or the context ends.
func (m *HealthMonitor) startup(ctx context.Context) error {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, m.StartTimeout)
	defer cancel()
	ticker := time.NewTicker(StartupInterval)
	defer ticker.Stop()
	last := errors.New("it has not answered yet")
	for attempts := 1; ; attempts++ {
		err := m.Check(ctx)
		switch {
		case err == nil:
			return nil
		case ctx.Err() == nil:
			last = err
			m.Found(err)
			select {
			case <-ticker.C:
			case <-ctx.Done():
			}
		}
		if ctx.Err() != nil || time.Since(began) >= m.StartTimeout { // the ticker may have won
			return fmt.Errorf("Timed out after %s (%d attempts) waiting for startup check to succeed: %w", m.StartTimeout, attempts, last) //lint:ignore ST1005 the platform's words
		}
	}
}
