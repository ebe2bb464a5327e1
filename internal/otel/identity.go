// Package otel says which app a process is of in the variables of OpenTelemetry, by its
// semantic conventions (open-telemetry/semantic-conventions, docs/resource/cloudfoundry.md).
package otel

import (
	"net/url"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/vcap"
)

// The variables that every OpenTelemetry SDK reads
// (open-telemetry/opentelemetry-specification, specification/resource/sdk.md).
const (
	ServiceName        = "OTEL_SERVICE_NAME"
	ResourceAttributes = "OTEL_RESOURCE_ATTRIBUTES"
)

// serviceName is the attribute that ServiceName outdoes.
const serviceName = "service.name"

// An Attribute is one of a resource, its value not encoded.
type Attribute struct{ Key, Value string }

// Identity are the attributes of the app's instance at hand. Those of which the environment
// says nothing are left out.
func Identity(app vcap.Application, environ []string) []Attribute {
	all := []Attribute{
		{"cloudfoundry.app.id", app.ID},
		{"cloudfoundry.app.name", app.Name},
		{"cloudfoundry.app.instance.id", env.Get(environ, "CF_INSTANCE_INDEX")},
		{"cloudfoundry.org.id", app.OrganizationID},
		{"cloudfoundry.org.name", app.OrganizationName},
		{"cloudfoundry.space.id", app.SpaceID},
		{"cloudfoundry.space.name", app.SpaceName},
		{"cloudfoundry.process.id", app.ProcessID},
		{"cloudfoundry.process.type", app.ProcessType},
		{"service.instance.id", env.Get(environ, "CF_INSTANCE_GUID")},
	}
	var known []Attribute
	for _, a := range all {
		if a.Value != "" {
			known = append(known, a)
		}
	}
	return known
}

// Variables are those of the environment that have to change so that it has the identity:
// NAME and value. Values that the user has set win, key by key, and so does a service
// name in either of the two variables.
func Variables(app vcap.Application, environ []string) map[string]string {
	variables := map[string]string{}
	stated := strings.TrimRight(env.Get(environ, ResourceAttributes), ", ")
	keys := keysOf(stated)
	attributes := stated
	for _, a := range Identity(app, environ) {
		if !keys[a.Key] {
			attributes += "," + a.Key + "=" + encode(a.Value)
		}
	}
	if attributes != stated {
		variables[ResourceAttributes] = strings.TrimPrefix(attributes, ",")
	}
	if app.Name != "" && env.Get(environ, ServiceName) == "" && !keys[serviceName] {
		variables[ServiceName] = app.Name
	}
	return variables
}

// keysOf are the keys in a list of attributes.
func keysOf(attributes string) map[string]bool {
	keys := map[string]bool{}
	for attribute := range strings.SplitSeq(attributes, ",") {
		key, _, _ := strings.Cut(attribute, "=")
		keys[strings.TrimSpace(key)] = true
	}
	return keys
}

// encode replaces by its %XX every byte that must not stand in a value, and those that a
// reader might take for something else.
func encode(value string) string { return strings.ReplaceAll(url.QueryEscape(value), "+", "%20") }
