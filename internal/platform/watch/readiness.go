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

// A ReadinessMonitor finds out whether a running instance gets traffic, as Diego does (executor,
// depot/steps/readiness_health_check_step.go): it checks every half second until a check passes,
// then at the interval until one fails, and so on. It never ends the instance (CF-46).
type ReadinessMonitor struct {
	Interval time.Duration
	// Logf writes a line to the instance's log.
	Logf func(source string, s show.Stream, text string)
	// Check makes one check.
	Check func(context.Context) error
	// Found gets the result of each check.
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

// checkWhile checks at an interval while the result is unchanged. It returns false if the context
// ends before it changes.
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

// Checks collects the results of an instance's health and readiness checks, which run at the same
// time.
type Checks struct {
	mutex    sync.Mutex
	Health   string // HealthStarting; once it is up, HealthHealthy or HealthRunning
	failed   string // the error of the last health check before it was up
	Ready    bool   // it gets traffic
	notReady string // the error of the last readiness check, if it failed
	// Tell updates the status of the instance; Announce, if not nil, is called once, when it gets
	// traffic.
	Tell     func(change func(*status.RunningInstance))
	Announce func()
}

// Up notes that the instance runs; how is HealthHealthy or HealthRunning.
func (c *Checks) Up(how string) {
	c.change(func() { c.Health = how })
}

// Down notes the result of a health check while the instance is not up yet.
func (c *Checks) Down(err error) {
	c.change(func() { c.failed = err.Error() })
}

// Readiness notes the result of a readiness check.
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
