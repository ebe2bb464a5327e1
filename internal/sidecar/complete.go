package sidecar

import (
	"cmp"
	"fmt"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// complete returns the declaration as a Definition, with defaults for what is not set. required
// says that another sidecar depends on this one.
func (d *declaration) complete(required bool) Definition {
	full := d.Definition
	if len(full.ProcessTypes) == 0 {
		full.ProcessTypes = []string{DefaultProcessType}
	}
	full.AppEnv, full.AppEnvFrom = d.appEnvironment(), d.variable[AppEnvKey]
	full.Supervision.EnvFrom, full.FilesFrom = d.variable[EnvKey], d.variable[FilesKey]
	readiness, health := d.readiness, d.health
	readiness.HeadersFrom, health.HeadersFrom = d.headersFrom(readinessKey, readiness), d.headersFrom(healthKey, health)
	if !health.IsZero() {
		if health.Type == supervision.CheckHTTP && !d.ownReadiness { // the catalog knows where to ask
			health.Endpoint, health.Status = cmp.Or(health.Endpoint, readiness.Endpoint), cmp.Or(health.Status, readiness.Status)
			if health.Headers == nil {
				health.Headers, health.HeadersFrom = readiness.Headers, readiness.HeadersFrom
			}
		}
		full.Supervision.Health = d.check(health)
	}
	required = required || d.HoldApp
	switch {
	case !readiness.IsZero() && (d.ownReadiness || required):
		full.Supervision.Readiness = d.check(readiness)
	case required:
		full.Supervision.Readiness = d.check(health)
	}
	return full
}

// headersFrom returns the source of a check's headers as supervision.Check.HeadersFrom has it, if a
// variable of the app's environment sets them.
func (d *declaration) headersFrom(key string, c supervision.Check) string {
	if variable := d.variable[key+headersSuffix]; variable != "" && len(c.Headers) > 0 {
		return key + headersSuffix + " " + variable
	}
	return ""
}

// checkSupervision rejects contradictory settings.
func (r *diagnostics) checkSupervision(e declaration, d Definition) {
	if r.gaveUp {
		return
	}
	refuse := func(found, want string) {
		r.add(Problem{At: e.At, What: e.label(), Found: found, Want: want})
	}
	if e.port != "" && e.socket != "" {
		refuse("both a port and a socket", "one of them: where the checks ask")
	}
	checkHealthCheck(readinessKey, e.readiness, d.Supervision.Readiness, refuse)
	checkHealthCheck(healthKey, e.health, d.Supervision.Health, refuse)
	if d.EnforceMemory && d.Memory == 0 {
		refuse("enforce-memory without memory", "the key memory: how much it may use")
	}
}

// ineffective returns warnings about settings that have no effect without another one.
func (e *declaration) ineffective(d Definition) []string {
	var warnings []string
	warn := func(ineffective bool, key, without string) {
		if ineffective {
			warnings = append(warnings, fmt.Sprintf("%s: %s: %s does nothing without %s", e.At, e.label(), key, without))
		}
	}
	s := d.Supervision
	warn(s.RestartLimit > 0 && !s.Restarts(), "restart-limit", "restart: on-failure, or always")
	stops := s.StopAfterApp || s.Health != nil || s.Reload != nil && s.Reload.Restart
	warn(s.StopTimeout > 0 && !stops, "stop-timeout", "stop-after-app: true")
	warn(s.Timeout > 0 && s.Readiness == nil && s.Health == nil, "timeout", "hold-app: true, a "+healthKey+", or a sidecar that depends on this one")
	return warnings
}
