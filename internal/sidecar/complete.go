package sidecar

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// complete is what all of it comes to, with what is not stated filled in. Required is
// that another sidecar depends on this one.
func (d *declaration) complete(required bool) Definition {
	full := d.Definition
	if len(full.ProcessTypes) == 0 {
		full.ProcessTypes = []string{DefaultProcessType}
	}
	full.AppEnv, full.AppEnvFrom = d.appEnvironment(), d.variable[AppEnvKey]
	full.Supervision.EnvFrom, full.FilesFrom = d.variable[EnvKey], d.variable[filesKey]
	none := supervision.Check{}
	if d.health != none {
		health := d.health
		if health.Type == supervision.CheckHTTP && !d.ownReadiness {
			health.Endpoint = cmp.Or(health.Endpoint, d.readiness.Endpoint) // the catalog knows where to ask
		}
		full.Supervision.Health = d.check(health)
	}
	required = required || d.HoldApp
	switch {
	case d.readiness != none && (d.ownReadiness || required):
		full.Supervision.Readiness = d.check(d.readiness)
	case required:
		full.Supervision.Readiness = d.check(d.health)
	}
	return full
}

// check fills in what is not stated of a check.
func (d *declaration) check(c supervision.Check) *supervision.Check {
	switch {
	case c.Type != "":
	case c.Endpoint != "":
		c.Type = supervision.CheckHTTP
	case d.port != "":
		c.Type = supervision.CheckPort
	default:
		c.Type = supervision.CheckProcess
	}
	if c.Type == supervision.CheckHTTP && c.Endpoint == "" {
		c.Endpoint = "/"
	}
	if c.Type != supervision.CheckProcess {
		c.Port = d.port
		if d.port == "" && d.Proxy {
			c.Port = "$PORT"
		}
	}
	return &c
}

// shownCheck is a check for a log.
func shownCheck(c *supervision.Check) []string {
	switch {
	case c == nil:
		return nil
	case c.Type == supervision.CheckProcess:
		return []string{"its process"}
	default:
		return []string{strings.TrimSpace(c.Type + " at port " + c.Port + redact.Text(c.Endpoint))}
	}
}

// checkSupervision refuses what contradicts itself.
func (r *diagnostics) checkSupervision(e declaration, d Definition) {
	if r.gaveUp {
		return
	}
	refuse := func(found, want string) {
		r.add(Problem{At: e.At, What: e.label(), Found: found, Want: want})
	}
	for _, c := range []struct {
		stated supervision.Check
		full   *supervision.Check
		key    string
	}{{e.readiness, d.Supervision.Readiness, readinessKey}, {e.health, d.Supervision.Health, healthKey}} {
		if c.full == nil {
			continue
		}
		if c.full.Type != supervision.CheckProcess && c.full.Port == "" {
			refuse("a "+c.key+" of type "+c.full.Type+" without a port", "the key port: a number, or the variable that holds it, such as $CONFIG_SERVER_PORT")
		}
		if c.full.Type != supervision.CheckHTTP && c.stated.Endpoint != "" {
			refuse("a "+c.key+"-http-endpoint with a "+c.key+" of type "+c.full.Type, "the type http, or no endpoint")
		}
	}
	if d.EnforceMemory && d.Memory == 0 {
		refuse("enforce-memory without memory", "the key memory: how much it may use")
	}
}

// ineffective warns of what does nothing without something else.
func (e *declaration) ineffective(d Definition) []string {
	var warnings []string
	warn := func(ineffective bool, key, without string) {
		if ineffective {
			warnings = append(warnings, fmt.Sprintf("%s: %s: %s does nothing without %s", e.At, e.label(), key, without))
		}
	}
	s := d.Supervision
	warn(s.RestartLimit > 0 && !s.Restarts(), "restart-limit", "restart: on-failure, or always")
	warn(s.StopTimeout > 0 && !s.StopAfterApp && s.Health == nil, "stop-timeout", "stop-after-app: true")
	warn(s.Timeout > 0 && s.Readiness == nil && s.Health == nil, "timeout", "hold-app: true, a "+healthKey+", or a sidecar that depends on this one")
	return warnings
}
