// Package platform is a small Cloud Foundry on one machine: it stages apps with
// the platform's own builder, and runs droplets with its launcher, as the
// platform would.
package platform

import (
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/status"
)

// A Platform stages and runs apps in the containers of its cell.
type Platform struct {
	*cell.Cell
	Builtin Builtin

	ports    ports
	registry status.Registry
}

// New returns a platform, which is to be closed. NewCell describes the arguments.
func New(lifecycle cell.Lifecycle, init string, builtin Builtin, environ []string, tempDir string) *Platform {
	return &Platform{Cell: cell.NewCell(lifecycle, init, environ, tempDir), Builtin: builtin}
}

// Running are the apps that this platform runs, sorted by name.
func (p *Platform) Running() []status.RunningApp { return p.registry.Running() }

// Close ends whatever the platform's processes have left behind, and gives back
// the ports.
func (p *Platform) Close() {
	p.Cell.Close()
	p.ports.close()
}
