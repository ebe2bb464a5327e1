package cli

import (
	"io"
	"path/filepath"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/stage"
)

// Embedded is what the program sidecar contains: the lifecycle, the containers' init, and the
// buildpack.
type Embedded struct {
	Version   string
	Lifecycle cell.Lifecycle
	Init      string // the path of the program
	Buildpack stage.Builtin
}

// tool has what all commands share.
type tool struct {
	carried Embedded
	environ []string
	stdout  io.Writer

	lifecycle string // its directory; empty: the embedded lifecycle
}

// path returns the directories in PATH.
func (t *tool) path() []string { return filepath.SplitList(env.Get(t.environ, "PATH")) }
