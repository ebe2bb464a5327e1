// Package otel describes an app's process in OpenTelemetry's variables, by its semantic conventions
// (open-telemetry/semantic-conventions, docs/resource/cloudfoundry.md).
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

// serviceName is an attribute that ServiceName overrides.
const serviceName = "service.name"

// An Attribute is an attribute of a resource, with an unencoded value.
type Attribute struct{ Key, Value string }

// Identity returns the attributes of the current app instance. It leaves out those that the
// environment does not tell.
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

// Variables returns the variables to set, by name, so that the environment has the identity. The
// user's values win, key by key, and so does a service name in either variable.
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

// keysOf returns the keys in a list of attributes.
func keysOf(attributes string) map[string]bool {
	keys := map[string]bool{}
	for attribute := range strings.SplitSeq(attributes, ",") {
		key, _, _ := strings.Cut(attribute, "=")
		keys[strings.TrimSpace(key)] = true
	}
	return keys
}

// encode percent-encodes every byte that a value must not contain, and those that a reader might
// misinterpret.
func encode(value string) string { return strings.ReplaceAll(url.QueryEscape(value), "+", "%20") }
