package cli

import (
	"io"
	"path/filepath"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/stage"
)

// Embedded is what the tool carries with it: the lifecycle, the init of containers, and the
// buildpack.
type Embedded struct {
	Version   string
	Lifecycle cell.Lifecycle
	Init      string // the file of the program that becomes it
	Buildpack stage.Builtin
}

// tool is what the commands have in common.
type tool struct {
	carried Embedded
	environ []string
	stdout  io.Writer

	lifecycle string // directory; empty: the carried one
}

// path are the directories in which this machine finds programs.
func (t *tool) path() []string { return filepath.SplitList(env.Get(t.environ, "PATH")) }
