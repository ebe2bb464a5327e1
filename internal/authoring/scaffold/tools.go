package scaffold

import (
	"context"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/published"
)

// Tools are the functions of the machine that New needs.
type Tools struct {
	// Look downloads and inspects the file at a URI, as published.Look does.
	Look func(ctx context.Context, uri string, strip int) (published.File, error)
	// Go runs the go command in a directory.
	Go func(ctx context.Context, directory string, args ...string) error
	// Logf reports choices that New has made for the author.
	Logf func(format string, args ...any)
}
