package platform

import (
	"math"
	"regexp"
	"time"

	"gopkg.in/yaml.v3"
)

// manifestReadiness are the keys of a process's readiness check.
type manifestReadiness struct {
	ReadinessType              *string      `yaml:"readiness_health_check_type"`
	ReadinessHTTPEndpoint      *string      `yaml:"readiness_health_check_http_endpoint"`
	ReadinessInvocationTimeout *wholeNumber `yaml:"readiness_health_check_invocation_timeout"`
	ReadinessInterval          *wholeNumber `yaml:"readiness_health_check_interval"`
}

// uriPath is what Cloud Controller takes for a path (lib/utils/uri_utils.rb).
var uriPath = regexp.MustCompile(`(?m)^(?:/|/([^\s/]\S*)?)$`)

// readinessCheck reads and checks them as Cloud Controller does
// (app/messages/manifest_process_update_message.rb, and ReadinessHealthCheckPolicy).
func (m *manifest) readinessCheck(node *yaml.Node, processType string, read manifestReadiness) HealthCheck {
	check := HealthCheck{Type: HealthCheckProcess, InvocationTimeout: defaultInvocationTimeout, Interval: defaultHealthCheckInterval}
	if read.ReadinessType != nil {
		check.Type = HealthCheckType(*read.ReadinessType)
	}
	switch check.Type {
	case HealthCheckPort, HealthCheckHTTP, HealthCheckProcess:
	case "none": // the old name of process
		check.Type = HealthCheckProcess
	default:
		m.refuse(node, `Process %q: Readiness health check type must be "port", "process", or "http"; found %q`, processType, check.Type)
		return check
	}
	endpoint := read.ReadinessHTTPEndpoint
	switch {
	case endpoint == nil && check.Type == HealthCheckHTTP:
		m.refuse(node, `Process %q: HTTP readiness health check endpoint is not a valid URI path; expected the key readiness-health-check-http-endpoint, such as /ready`, processType)
	case endpoint == nil:
	case !uriPath.MatchString(*endpoint):
		m.refuse(node, `Process %q: Readiness health check http endpoint must be a valid URI path; found %q, expected one such as /ready`, processType, *endpoint)
	case read.ReadinessType != nil && check.Type != HealthCheckHTTP:
		m.refuse(node, `Process %q: Readiness health check type must be "http" to set a health check HTTP endpoint; found %q`, processType, *read.ReadinessType)
	default:
		check.Endpoint = *endpoint
	}
	m.seconds(node, processType, "Readiness health check invocation timeout", read.ReadinessInvocationTimeout, &check.InvocationTimeout)
	m.seconds(node, processType, "Readiness health check interval", read.ReadinessInterval, &check.Interval)
	return check
}

// seconds reads a time of one second or more, where it is stated.
func (m *manifest) seconds(node *yaml.Node, processType, name string, value *wholeNumber, into *time.Duration) {
	switch {
	case value == nil:
	case *value < 1 || *value > math.MaxInt32:
		m.refuse(node, "Process %q: %s must be greater than or equal to 1; found %d", processType, name, *value)
	default:
		*into = time.Duration(*value) * time.Second
	}
}
