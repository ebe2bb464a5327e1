package configserver

import (
	"context"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
)

// Surroundings are what a source is configured by.
type surroundings struct {
	environ []string
	bound   []bindings.Binding
}

func (s surroundings) lookup(name string) string { return env.Get(s.environ, name) }

// surround reads what sources are configured by, as it is now: bindings in files change in place.
func surround(_ context.Context, environ []string) (surroundings, error) {
	bound, err := bindings.Read(environ)
	if err != nil {
		return surroundings{}, err
	}
	return surroundings{environ, bound}, nil
}
