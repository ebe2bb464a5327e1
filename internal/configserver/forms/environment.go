package forms

import (
	"bytes"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// Environment returns the environment itself as JSON, with all its property sources.
func Environment(env environment.Environment) []byte {
	profiles, sources := &list{}, &list{}
	for _, profile := range env.Profiles {
		profiles.items = append(profiles.items, profile)
	}
	for _, source := range env.PropertySources {
		values := &object{keys: source.Keys(), values: source.Source}
		sources.items = append(sources.items, fields("name", source.Name, "source", values))
	}
	var out bytes.Buffer
	writeJSON(&out, fields("name", env.Name, "profiles", profiles, "label", optional(env.Label),
		"version", optional(env.Version), "state", optional(env.State), "propertySources", sources))
	return out.Bytes()
}

func fields(keysAndValues ...any) *object {
	o := newObject()
	for i := 0; i < len(keysAndValues); i += 2 {
		o.set(keysAndValues[i].(string), keysAndValues[i+1])
	}
	return o
}

func optional(text *string) any {
	if text == nil {
		return nil
	}
	return *text
}
