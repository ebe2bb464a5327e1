package platform

import (
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
	"github.com/cloudfoundry-community/sidecar-buildpack/memory"
)

// What Cloud Controller takes at most: characters of a command, and instances.
const (
	maxCommandLength = 4096
	maxInstances     = 2_000_000
)

// manifestProcess are the keys that an item of processes has, and that an app
// itself may have for its web process.
type manifestProcess struct {
	Type                         string       `yaml:"type"`
	Command                      *string      `yaml:"command"`
	Memory                       yaml.Node    `yaml:"memory"`
	Instances                    *wholeNumber `yaml:"instances"`
	Timeout                      *wholeNumber `yaml:"timeout"`
	HealthCheckType              *string      `yaml:"health_check_type"`
	HealthCheckHTTPEndpoint      *string      `yaml:"health_check_http_endpoint"`
	HealthCheckInvocationTimeout *wholeNumber `yaml:"health_check_invocation_timeout"`
	HealthCheckInterval          *wholeNumber `yaml:"health_check_interval"`
	LogRateLimit                 yaml.Node    `yaml:"log_rate_limit_per_second"`
	manifestReadiness            `yaml:",inline"`
}

// processes reads the app's own keys as its web process, and then those of
// processes. An item of type web replaces the app's own keys altogether.
func (m *manifest) processes(node *yaml.Node, read manifestApplication, app *Application) {
	own := read.manifestProcess
	own.Type = launch.WebProcess
	var others []manifestProcess
	nodes := map[string]*yaml.Node{launch.WebProcess: node}
	seen := map[string]bool{}
	for i := range read.Processes {
		item := &read.Processes[i]
		var process manifestProcess
		underscoreKeys(item)
		if !m.decode(item, &process) {
			continue
		}
		switch {
		case process.Type == "":
			m.refuse(item, "All Processes must specify a type")
			continue
		case seen[process.Type]:
			m.refuse(item, "Process %q may only be present once", process.Type)
			continue
		}
		seen[process.Type] = true
		nodes[process.Type] = item
		if process.Type == launch.WebProcess {
			own = process
		} else {
			others = append(others, process)
		}
	}
	for _, process := range append([]manifestProcess{own}, others...) {
		m.process(nodes[process.Type], process, app)
	}
}

func (m *manifest) process(node *yaml.Node, read manifestProcess, app *Application) {
	process := app.process(read.Type)
	// A command of null, default or nothing stands for the droplet's.
	if read.Command != nil && *read.Command != "null" && *read.Command != "default" {
		process.Command = *read.Command
		if length := utf8.RuneCountInString(process.Command); length == 0 || length > maxCommandLength {
			m.refuse(node, "Process %q: Command must be between 1 and %d characters; found %d", read.Type, maxCommandLength, length)
		}
	}
	if strings.Contains(process.Command, "\x00") {
		m.refuse(node, "Process %q: Command holds a NUL byte, which no command can", read.Type)
	}
	process.Memory = m.memory(read)
	if read.Instances != nil {
		process.Instances = int(*read.Instances)
	}
	if process.Instances < 0 {
		m.refuse(node, "Process %q: Instances must be greater than or equal to 0", read.Type)
	}
	if process.Instances > maxInstances {
		m.refuse(node, "Process %q: Instances must be less than or equal to %d", read.Type, maxInstances)
	}
	app.HealthChecks[read.Type] = m.healthCheck(node, read)
	if check := m.readinessCheck(node, read.Type, read.manifestReadiness); check.Type != HealthCheckProcess {
		setIn(&app.ReadinessChecks, read.Type, check)
	}
	if limit, limited := m.logRateLimit(read.Type, &read.LogRateLimit); limited {
		setIn(&app.LogRateLimits, read.Type, limit)
	}
}

// memory is 0 where none is stated.
func (m *manifest) memory(read manifestProcess) memory.Size {
	node := &read.Memory
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind == 0 || node.ShortTag() == "!!null" {
		return 0
	}
	size, err := memory.ParseWithUnit(node.Value)
	switch {
	case node.Kind != yaml.ScalarNode:
		m.refuse(node, "Process %q: memory: found a list or a mapping; expected a size such as 256M", read.Type)
	case err != nil:
		m.refuse(node, "Process %q: memory: %s", read.Type, err)
	case size == 0:
		m.refuse(node, "Process %q: Memory must be greater than 0MB; found %q", read.Type, node.Value)
	}
	return size
}

func (m *manifest) healthCheck(node *yaml.Node, read manifestProcess) HealthCheck {
	check := defaultHealthCheck(read.Type)
	if read.HealthCheckType != nil {
		check.Type = HealthCheckType(*read.HealthCheckType)
	}
	switch check.Type {
	case HealthCheckPort, HealthCheckHTTP, HealthCheckProcess:
	case "none": // the old name of process
		check.Type = HealthCheckProcess
	default:
		m.refuse(node, "Process %q: Health check type must be \"port\", \"process\", or \"http\"; found %q", read.Type, check.Type)
	}
	if read.HealthCheckHTTPEndpoint != nil {
		check.Endpoint = *read.HealthCheckHTTPEndpoint
		if !strings.HasPrefix(check.Endpoint, "/") {
			m.refuse(node, "Process %q: Health check http endpoint must be a path that starts with /; found %q", read.Type, check.Endpoint)
		}
		if check.Type != HealthCheckHTTP && read.HealthCheckType != nil {
			m.refuse(node, "Process %q: Health check type must be \"http\" to set a health check HTTP endpoint", read.Type)
		}
	}
	m.seconds(node, read.Type, "Timeout", read.Timeout, &check.StartTimeout)
	m.seconds(node, read.Type, "Health check invocation timeout", read.HealthCheckInvocationTimeout, &check.InvocationTimeout)
	m.seconds(node, read.Type, "Health check interval", read.HealthCheckInterval, &check.Interval)
	return check
}

// setIn sets a value of a map, which may be nil.
func setIn[V any](m *map[string]V, key string, value V) {
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[key] = value
}
