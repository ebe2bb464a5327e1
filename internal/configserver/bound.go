package configserver

import (
	"context"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

// surround reads what sources are configured by, as it is now: bindings in files change in place.
func surround(_ context.Context, environ []string) (surroundings, error) {
	bound, err := bindings.Read(environ)
	if err != nil {
		return surroundings{}, err
	}
	return surroundings{environ, bound}, nil
}
