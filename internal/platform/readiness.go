package platform

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/status"
)

// A readinessMonitor finds out whether an instance is to get traffic, for as long as it
// runs, as Diego does (executor, depot/steps/readiness_health_check_step.go): by a check
// every half second until it is ready, then one at the interval until it is not, and so
// on. It never ends the instance (CF-46).
type readinessMonitor struct {
	interval time.Duration
	// say writes a line of a source into the instance's log.
	say func(source string, s show.Stream, text string)
	// check makes one check.
	check func(context.Context) error
	// found is told what each check has found.
	found func(error)
}

func (m *readinessMonitor) run(ctx context.Context) {
	m.say(show.SourceHealth, show.Out, "Starting readiness health monitoring of container")
	for {
		if !m.checkWhile(ctx, startupInterval, func(err error) bool { return err != nil }) {
			return
		}
		m.say(show.SourceHealth, show.Out, "Container passed the readiness health check. Container marked ready and added to route pool.")
		if !m.checkWhile(ctx, m.interval, func(err error) bool { return err == nil }) {
			return
		}
		m.say(show.SourceHealth, show.Out, "Container failed the readiness health check. Container marked not ready and removed from route pool.")
	}
}

// checkWhile checks at an interval as long as the result is as it was. It is false where
// the context ends before.
func (m *readinessMonitor) checkWhile(ctx context.Context, interval time.Duration, unchanged func(error) bool) bool {
	for {
		err := m.check(ctx)
		if ctx.Err() != nil {
			return false
		}
		m.found(err)
		if !unchanged(err) {
			return true
		}
		if !clock.Sleep(ctx, interval) {
			return false
		}
	}
}

// checks is what the checks of an instance have found: that of its health and that of
// its readiness go on at once.
type checks struct {
	mutex  sync.Mutex
	health string // HealthStarting, and HealthHealthy or HealthRunning once it is up
	failed string // what the last check has found before it was up
	ready  bool   // to get traffic
	unfit  string // what the last readiness check has found, where it failed
	// tell tells how the instance is, and announce that it gets traffic: once, or
	// never where it is nil.
	tell     func(change func(*status.RunningInstance))
	announce func()
}

// up notes that the instance runs: how is HealthHealthy or HealthRunning.
func (c *checks) up(how string) {
	c.change(func() { c.health = how })
}

// down notes what a health check has found while the instance is not up yet.
func (c *checks) down(err error) {
	c.change(func() { c.failed = err.Error() })
}

// readiness notes what a readiness check has found.
func (c *checks) readiness(err error) {
	c.change(func() {
		c.ready, c.unfit = err == nil, ""
		if err != nil {
			c.unfit = fmt.Sprintf("Readiness check unsuccessful: %s", err)
		}
	})
}

func (c *checks) change(change func()) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	change()
	health, details := c.health, c.failed
	switch {
	case health == status.HealthStarting:
	case c.ready:
		details = ""
	default:
		health, details = status.HealthUnready, c.unfit
	}
	c.tell(func(r *status.RunningInstance) { r.Health, r.Details = health, details })
	if health != status.HealthStarting && health != status.HealthUnready && c.announce != nil {
		c.announce()
		c.announce = nil
	}
}
