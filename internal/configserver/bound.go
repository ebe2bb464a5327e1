package configserver

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
)

// surroundings is everything that configures a source.
type surroundings struct {
	environ []string
	bound   []bindings.Binding
	// authorities identifies the operator's certificates, which sources read when they are opened. It changes
	// with them.
	authorities string
	facilities
}

// facilities is what config-server provides to sources.
type facilities struct {
	clock  clock.Clock // tells when tokens expire
	logger *log.Logger
}

func (s surroundings) lookup(name string) string { return env.Get(s.environ, name) }

// surround reads what currently configures sources: files of bindings change in place.
func surround(ctx context.Context, environ []string) (surroundings, error) {
	bound, err := bindings.Read(environ)
	if err != nil {
		return surroundings{}, err
	}
	if err := resolve(ctx, environ, bound); err != nil {
		return surroundings{}, err
	}
	if err := checkTexts(bound); err != nil {
		return surroundings{}, err
	}
	return surroundings{environ: environ, bound: bound, authorities: authorities(env.Get(environ, "CF_SYSTEM_CERT_PATH"))}, nil
}

// authorities returns a text that changes when the certificates in a directory do.
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
