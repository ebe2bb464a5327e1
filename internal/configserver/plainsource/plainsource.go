// Package plainsource provides the configuration in CONFIG_SERVER_CONFIG: JSON, or the path of a JSON file. It
// is read once.
package plainsource

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// Name is the source's name, in CONFIG_SERVER_SOURCES and elsewhere.
const Name = "config"

// Source has the same configuration for every request.
type Source struct {
	content    []byte
	example    bool
	properties environment.PropertySource
}

// New reads the configuration from value, the content of CONFIG_SERVER_CONFIG. An empty value selects an
// example. No error quotes the configuration.
func New(value string) (*Source, error) {
	content, err := loadConfig(value)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		return nil, fmt.Errorf("%s is not valid JSON", Variable) // loadConfig has decoded it
	}
	object, ok := decoded.(map[string]any)
	if !ok {
		object = map[string]any{"document": decoded} // as Spring does for a YAML file without keys
	}
	flat, err := environment.Flatten(object)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Variable, err)
	}
	return &Source{content, value == "", environment.PropertySource{Name: Name, Source: flat}}, nil
}

// Content returns the configuration as given, without insignificant white space, and with a trailing newline.
func (s *Source) Content() []byte { return s.content }

// IsExample reports whether no configuration was given, so that the content is an example.
func (s *Source) IsExample() bool { return s.example }

// Name implements environment.Source.
func (s *Source) Name() string { return Name }

// Fetch implements environment.Source. It ignores application, profiles and label, and there is no version.
func (s *Source) Fetch(_ context.Context, request environment.Request, _ string) (environment.Environment, string, error) {
	env := s.Environment()
	env.Name, env.Profiles = request.Application, request.Profiles
	return env, "", nil
}

// Environment returns the configuration, without the names of a request.
func (s *Source) Environment() environment.Environment {
	return environment.Environment{PropertySources: []environment.PropertySource{s.properties}}
}
