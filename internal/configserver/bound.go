package configserver

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
)

// Surroundings are what a source is configured by.
type surroundings struct {
	environ []string
	bound   []bindings.Binding
	// authorities tells whether the operator's certificates, which sources read when they are opened, are others.
	authorities string
	clock       clock.Clock // by which sources tell when tokens end
}

func (s surroundings) lookup(name string) string { return env.Get(s.environ, name) }

// surround reads what sources are configured by, as it is now: bindings in files change in place.
func surround(ctx context.Context, environ []string) (surroundings, error) {
	bound, err := bindings.Read(environ)
	if err != nil {
		return surroundings{}, err
	}
	if err := resolve(ctx, environ, bound); err != nil {
		return surroundings{}, err
	}
	return surroundings{environ: environ, bound: bound, authorities: authorities(env.Get(environ, "CF_SYSTEM_CERT_PATH"))}, nil
}

// authorities is another text where a directory has other certificates.
func authorities(directory string) string {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return ""
	}
	var all strings.Builder
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil {
			fmt.Fprintln(&all, entry.Name(), info.Size(), info.ModTime().UnixNano())
		}
	}
	return all.String()
}
