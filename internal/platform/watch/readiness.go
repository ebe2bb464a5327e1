package watch

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/status"
)

// A ReadinessMonitor finds out whether an instance is to get traffic, for as long as it
// runs, as Diego does (executor, depot/steps/readiness_health_check_step.go): by a check
// every half second until it is ready, then one at the interval until it is not, and so
// on. It never ends the instance (CF-46).
type ReadinessMonitor struct {
	Interval time.Duration
	// Logf writes a line of a source into the instance's log.
	Logf func(source string, s show.Stream, text string)
	// Check makes one check.
	Check func(context.Context) error
	// Found is told what each check has found.
	Found func(error)
}

// Run checks until the context ends.
func (m *ReadinessMonitor) Run(ctx context.Context) {
	m.Logf(show.SourceHealth, show.Out, "Starting readiness health monitoring of container")
	for {
		if !m.checkWhile(ctx, StartupInterval, func(err error) bool { return err != nil }) {
			return
		}
		m.Logf(show.SourceHealth, show.Out, "Container passed the readiness health check. Container marked ready and added to route pool.")
		if !m.checkWhile(ctx, m.Interval, func(err error) bool { return err == nil }) {
			return
		}
		m.Logf(show.SourceHealth, show.Out, "Container failed the readiness health check. Container marked not ready and removed from route pool.")
	}
}

// checkWhile checks at an interval as long as the result is as it was. It is false where
// the context ends before.
func (m *ReadinessMonitor) checkWhile(ctx context.Context, interval time.Duration, unchanged func(error) bool) bool {
	for {
		err := m.Check(ctx)
		if ctx.Err() != nil {
			return false
		}
		m.Found(err)
		if !unchanged(err) {
			return true
		}
		if !clock.Sleep(ctx, interval) {
			return false
		}
	}
}

// Checks is what the checks of an instance have found: that of its health and that of
// its readiness go on at once.
type Checks struct {
	mutex    sync.Mutex
	Health   string // HealthStarting, and HealthHealthy or HealthRunning once it is up
	failed   string // what the last check has found before it was up
	Ready    bool   // to get traffic
	notReady string // what the last readiness check has found, where it failed
	// Tell tells how the instance is, and announce that it gets traffic: once, or
	// never where it is nil.
	Tell     func(change func(*status.RunningInstance))
	Announce func()
}

// Up notes that the instance runs: how is HealthHealthy or HealthRunning.
func (c *Checks) Up(how string) {
	c.change(func() { c.Health = how })
}

// Down notes what a health check has found while the instance is not up yet.
func (c *Checks) Down(err error) {
	c.change(func() { c.failed = err.Error() })
}

// Readiness notes what a readiness check has found.
func (c *Checks) Readiness(err error) {
	c.change(func() {
		c.Ready, c.notReady = err == nil, ""
		if err != nil {
			c.notReady = fmt.Sprintf("Readiness check unsuccessful: %s", err)
		}
	})
}

func (c *Checks) change(change func()) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	change()
	health, details := c.Health, c.failed
	switch {
	case health == status.HealthStarting:
	case c.Ready:
		details = ""
	default:
		health, details = status.HealthUnready, c.notReady
	}
	c.Tell(func(r *status.RunningInstance) { r.Health, r.Details = health, details })
	if health != status.HealthStarting && health != status.HealthUnready && c.Announce != nil {
		c.Announce()
		c.Announce = nil
	}
}
