package sidecar

import (
	"cmp"
	"fmt"
)

// supervised is what an entry states of these.
type supervised struct {
	env               []Variable // nil: not stated
	envFrom           string     // the environment variable that states it, or empty
	workDir, port     *string
	readiness, health check
	timeout           *int
	holdApp           *bool
	dependsOn         []string // nil: not stated
	restart           *string
	restartLimit      *int
	enforceMemory     *bool
	stopAfterApp      *bool
	stopTimeout       *int
	proxy             *bool
	// ownReadiness is that the app itself states its readiness check. What the
	// catalog knows of it is for those who wait for it.
	ownReadiness bool
}

// check is what an entry states of a check.
type check struct {
	kind, endpoint    *string
	interval, timeout *int
}

func (c check) stated() bool { return c != check{} }

// lay puts what is stated in the place of what is known.
func lay[T any](known **T, stated *T) {
	if stated != nil {
		*known = stated
	}
}

func (s *supervised) merge(stated supervised) {
	if stated.env != nil {
		s.env, s.envFrom = stated.env, stated.envFrom
	}
	if stated.dependsOn != nil {
		s.dependsOn = stated.dependsOn
	}
	lay(&s.workDir, stated.workDir)
	lay(&s.port, stated.port)
	s.readiness.merge(stated.readiness)
	s.health.merge(stated.health)
	lay(&s.timeout, stated.timeout)
	lay(&s.holdApp, stated.holdApp)
	lay(&s.restart, stated.restart)
	lay(&s.restartLimit, stated.restartLimit)
	lay(&s.enforceMemory, stated.enforceMemory)
	lay(&s.stopAfterApp, stated.stopAfterApp)
	lay(&s.stopTimeout, stated.stopTimeout)
	lay(&s.proxy, stated.proxy)
	s.ownReadiness = s.ownReadiness || stated.readiness.stated()
}

func (c *check) merge(stated check) {
	if stated.kind != nil && *stated.kind != CheckHTTP {
		c.endpoint = nil // that of another kind of check
	}
	lay(&c.kind, stated.kind)
	lay(&c.endpoint, stated.endpoint)
	lay(&c.interval, stated.interval)
	lay(&c.timeout, stated.timeout)
}

// valueOf is what a pointer points at, or the zero value.
func valueOf[T any](pointer *T) T {
	if pointer == nil {
		var zero T
		return zero
	}
	return *pointer
}

// supervision is what all of it comes to. Awaited is that another sidecar depends on
// this one.
func (s supervised) supervision(awaited bool) Supervision {
	all := Supervision{
		Env: s.env, EnvFrom: s.envFrom, WorkDir: valueOf(s.workDir), Timeout: valueOf(s.timeout), HoldApp: valueOf(s.holdApp), DependsOn: s.dependsOn,
		Restart: valueOf(s.restart), RestartLimit: valueOf(s.restartLimit), EnforceMemory: valueOf(s.enforceMemory),
		StopAfterApp: valueOf(s.stopAfterApp), StopTimeout: valueOf(s.stopTimeout), Proxy: valueOf(s.proxy),
	}
	if s.health.stated() {
		health := s.health
		if valueOf(health.kind) == CheckHTTP && !s.ownReadiness {
			lay(&health.endpoint, cmp.Or(health.endpoint, s.readiness.endpoint)) // the catalog knows where to ask
		}
		all.Health = s.check(health)
	}
	awaited = awaited || all.HoldApp
	switch {
	case s.readiness.stated() && (s.ownReadiness || awaited):
		all.Readiness = s.check(s.readiness)
	case awaited && s.health.stated():
		all.Readiness = s.check(s.health)
	case awaited:
		all.Readiness = s.check(check{})
	}
	return all
}

// check fills in what is not stated.
func (s supervised) check(c check) *Check {
	full := Check{Type: CheckProcess, Endpoint: valueOf(c.endpoint), Interval: valueOf(c.interval), InvocationTimeout: valueOf(c.timeout)}
	switch {
	case c.kind != nil:
		full.Type = *c.kind
	case c.endpoint != nil:
		full.Type = CheckHTTP
	case s.port != nil:
		full.Type = CheckPort
	}
	if full.Type == CheckHTTP && full.Endpoint == "" {
		full.Endpoint = "/"
	}
	if full.Type != CheckProcess {
		full.Port = valueOf(s.port)
		if s.port == nil && valueOf(s.proxy) {
			full.Port = "$PORT"
		}
	}
	return &full
}

// checkSupervision refuses what contradicts itself.
func (r *report) checkSupervision(e entry, d Definition) {
	if r.gaveUp {
		return
	}
	refuse := func(found, want string) {
		r.add(Problem{At: e.at, What: e.label(), Found: found, Want: want})
	}
	for _, c := range []struct {
		stated check
		full   *Check
		key    string
	}{{e.readiness, d.Supervision.Readiness, readinessKey}, {e.health, d.Supervision.Health, healthKey}} {
		if c.full == nil {
			continue
		}
		if c.full.Type != CheckProcess && c.full.Port == "" {
			refuse("a "+c.key+" of type "+c.full.Type+" without a port", "the key port: a number, or the variable that holds it, such as $CONFIG_SERVER_PORT")
		}
		if c.full.Type != CheckHTTP && c.stated.endpoint != nil {
			refuse("a "+c.key+"-http-endpoint with a "+c.key+" of type "+c.full.Type, "the type http, or no endpoint")
		}
	}
	if d.Supervision.EnforceMemory && d.Memory == 0 {
		refuse("enforce-memory without memory", "the key memory: how much it may use")
	}
}

// idle warns of what does nothing without something else.
func (e *entry) idle(d Definition) []string {
	var warnings []string
	warn := func(idle bool, key, without string) {
		if idle {
			warnings = append(warnings, fmt.Sprintf("%s: %s: %s does nothing without %s", e.at, e.label(), key, without))
		}
	}
	s := d.Supervision
	warn(e.restartLimit != nil && !s.restarts(), "restart-limit", "restart: on-failure, or always")
	warn(e.stopTimeout != nil && !s.StopAfterApp && s.Health == nil, "stop-timeout", "stop-after-app: true")
	warn(e.timeout != nil && s.Readiness == nil && s.Health == nil, "timeout", "hold-app: true, a "+healthKey+", or a sidecar that depends on this one")
	return warnings
}
