// Package platform is a small Cloud Foundry on one machine: it stages apps with
// the platform's own builder, and runs droplets with its launcher, as the
// platform would.
//
// Its packages are, from the top: stage, which makes a droplet of an app; run, which keeps
// the instances of a droplet running; watch, which finds out how an instance is; and show,
// which a person sees. Below stage and run are cell, with containers and what is in them;
// droplets, status and push, which have the staged, the running and the pushed app; and files.
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

// New returns a platform, which is to be closed. cell.NewCell describes the arguments.
func New(lifecycle cell.Lifecycle, init string, builtin stage.Builtin, environ []string, tempDir string) *Platform {
	c := cell.NewCell(lifecycle, init, environ, tempDir)
	return &Platform{Cell: c, Stager: stage.Stager{Cell: c, Builtin: builtin}, Runner: run.Runner{Cell: c}}
}

// Close ends whatever the platform's processes have left behind, and gives back
// the ports.
func (p *Platform) Close() {
	p.Cell.Close()
	p.Runner.Close()
}
