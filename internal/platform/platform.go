// Package platform is a small Cloud Foundry on one machine: it stages apps with the platform's own
// builder, and runs droplets with its launcher.
//
// Its packages, from the top: stage makes a droplet from an app; run keeps the instances of a
// droplet running; watch checks the instances; show is the log and the terminal. Below stage and
// run, cell has the containers and their content; droplets, status and push have the staged, the
// running and the pushed app; files copies files.
package platform

import (
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/run"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/stage"
)

// A Platform stages and runs apps in the containers of its cell.
type Platform struct {
	*cell.Cell
	stage.Stager
	run.Runner
}

// New returns a platform, which the caller must close. cell.NewCell describes the arguments.
func New(lifecycle cell.Lifecycle, init string, builtin stage.Builtin, environ []string, tempDir string) *Platform {
	c := cell.NewCell(lifecycle, init, environ, tempDir)
	return &Platform{Cell: c, Stager: stage.Stager{Cell: c, Builtin: builtin}, Runner: run.Runner{Cell: c}}
}

// Close ends all processes that the platform's processes have left running, and releases the ports.
func (p *Platform) Close() {
	p.Cell.Close()
	p.Runner.Close()
}
