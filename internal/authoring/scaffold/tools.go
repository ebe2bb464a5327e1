package scaffold

import (
	"context"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/published"
)

// Tools are what New needs of the machine.
type Tools struct {
	// Look fetches and unpacks what is at a URI.
	Look func(ctx context.Context, uri string) (published.File, error)
	// Go runs the go command in a directory.
	Go func(ctx context.Context, directory string, args ...string) error
	// Logf reports the choices that were made for the author.
	Logf func(format string, args ...any)
}
