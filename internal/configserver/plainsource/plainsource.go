// Package plainsource is the configuration that CONFIG_SERVER_CONFIG holds or names: JSON, or the
// path of a JSON file. It is read once.
package plainsource

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// Name is that of the source, in CONFIG_SERVER_SOURCES and elsewhere.
const Name = "config"

// A Source has the same configuration for every request.
type Source struct {
	content    []byte
	example    bool
	properties environment.PropertySource
}

// New reads the configuration that value, the content of CONFIG_SERVER_CONFIG, holds or names. An
// empty value is an example. No error repeats any of the configuration.
func New(value string) (*Source, error) {
	content, err := loadConfig(value)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		return nil, fmt.Errorf("%s is not valid JSON", Variable) // loadConfig has read it
	}
	object, ok := decoded.(map[string]any)
	if !ok {
		object = map[string]any{"document": decoded} // as Spring has a YAML file without keys
	}
	flat, err := environment.Flatten(object)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Variable, err)
	}
	return &Source{content, value == "", environment.PropertySource{Name: Name, Source: flat}}, nil
}

// Content is the configuration as it was given, without insignificant white space and with a
// newline at its end.
func (s *Source) Content() []byte { return s.content }

// IsExample tells that nothing was given, and the content is an example.
func (s *Source) IsExample() bool { return s.example }

// Name is described with environment.Source.
func (s *Source) Name() string { return Name }

// Fetch is described with environment.Source. Application, profiles and label make no difference, and
// there is no version.
func (s *Source) Fetch(_ context.Context, request environment.Request, _ string) (environment.Environment, string, error) {
	env := s.Environment()
	env.Name, env.Profiles = request.Application, request.Profiles
	return env, "", nil
}

// Environment is the configuration of no request.
func (s *Source) Environment() environment.Environment {
	return environment.Environment{PropertySources: []environment.PropertySource{s.properties}}
}
