package sidecar

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Supervision is what a sidecar asks for that the platform does not do by itself.
// The zero value asks for nothing.
type Supervision struct {
	// Env is set for the sidecar alone, in this order.
	Env []Variable
	// WorkDir is where it runs, relative to the app's directory.
	WorkDir string
	// Readiness tells when it is ready; nil where nobody wants to know.
	Readiness *Check
	// Health tells whether it still works; nil where nobody asks.
	Health *Check
	// Timeout is how many seconds it may take to become ready, or to pass its health
	// check for the first time.
	Timeout int
	// HoldApp has the app's own command wait until it is ready, and DependsOn has it
	// wait for other sidecars.
	HoldApp   bool
	DependsOn []string
	// Restart is one of the Restart constants, or empty for RestartNever. Of
	// RestartLimit 0 is none.
	Restart      string
	RestartLimit int
	// EnforceMemory ends it when it has more memory than is reserved for it.
	EnforceMemory bool
	// StopAfterApp keeps it running until the app's own process is gone, for
	// StopTimeout seconds at most.
	StopAfterApp bool
	StopTimeout  int
	// Proxy has it stand in front of the app.
	Proxy bool
}

// Asked tells whether there is anything to do for a supervisor.
func (s Supervision) Asked() bool {
	return len(s.Env) > 0 || s.WorkDir != "" || s.Readiness != nil || s.Health != nil || len(s.DependsOn) > 0 ||
		s.restarts() || s.EnforceMemory || s.StopAfterApp || s.Proxy
}

func (s Supervision) restarts() bool { return s.Restart != "" && s.Restart != RestartNever }

// The types of a check, as the app manifest has them.
const (
	CheckHTTP    = "http"
	CheckPort    = "port"
	CheckProcess = "process"
)

// When a sidecar is started again.
const (
	RestartNever     = "never" // by itself: the whole instance is
	RestartOnFailure = "on-failure"
	RestartAlways    = "always"
)

// A Check is a health or readiness check.
type Check struct {
	Type string // one of the Check constants
	// Port is a number, or $NAME or ${NAME}: a variable of the sidecar's environment.
	Port string
	// Endpoint is the path of a CheckHTTP.
	Endpoint string
	// Interval and InvocationTimeout are in seconds; 0 is the platform's own.
	Interval, InvocationTimeout int
}

// supervised is what an entry states of these.
type supervised struct {
	env               []Variable // nil: not stated
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
		s.env = stated.env
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
		Env: s.env, WorkDir: valueOf(s.workDir), Timeout: valueOf(s.timeout), HoldApp: valueOf(s.holdApp), DependsOn: s.dependsOn,
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

// checkOrder refuses sidecars that depend on what they would never get.
func (r *report) checkOrder(definitions []Definition) {
	if r.gaveUp {
		return
	}
	byName := map[string]Definition{}
	names := make([]string, len(definitions))
	for i, d := range definitions {
		byName[d.Name] = d
		names[i] = quote(d.Name)
	}
	for _, d := range definitions {
		for _, name := range d.Supervision.DependsOn {
			what := "sidecar " + quote(d.Name) + ": depends-on"
			other, ok := byName[name]
			if !ok {
				r.add(Problem{At: d.At, What: what, Found: quote(name), Want: "a sidecar that this buildpack gives the app: " + strings.Join(names, ", ")})
				continue
			}
			if missing := slices.DeleteFunc(slices.Clone(d.ProcessTypes), func(t string) bool { return slices.Contains(other.ProcessTypes, t) }); len(missing) > 0 {
				r.add(Problem{
					At: d.At, What: what, Found: quote(name) + ", which does not run beside " + strings.Join(missing, ", "),
					Want: "process_types of it that have all of " + strings.Join(d.ProcessTypes, ", "),
				})
			}
		}
	}
	if path := cycle(definitions, byName); path != nil {
		quoted := make([]string, len(path))
		for i, name := range path {
			quoted[i] = quote(name)
		}
		r.add(Problem{
			At: byName[path[0]].At, What: "sidecar " + quoted[0] + ": depends-on",
			Found: "a cycle, " + strings.Join(quoted, " → "), Want: "an order in which they can start",
		})
	}
}

// cycle is the path of sidecars that wait for each other, the first one again at
// its end, or nil.
func cycle(definitions []Definition, byName map[string]Definition) []string {
	done := map[string]bool{}
	var path []string
	var visit func(name string) bool
	visit = func(name string) bool {
		if at := slices.Index(path, name); at >= 0 {
			path = append(path[at:], name)
			return true
		}
		if done[name] {
			return false
		}
		done[name] = true
		path = append(path, name)
		if slices.ContainsFunc(byName[name].Supervision.DependsOn, visit) {
			return true
		}
		path = path[:len(path)-1]
		return false
	}
	if slices.ContainsFunc(definitions, func(d Definition) bool { return visit(d.Name) }) {
		return path
	}
	return nil
}

// awaited are the names of sidecars that others depend on.
func awaited(list []entry) map[string]bool {
	names := map[string]bool{}
	for _, e := range list {
		for _, name := range e.dependsOn {
			names[name] = true
		}
	}
	return names
}
