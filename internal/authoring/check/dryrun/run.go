package dryrun

import (
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/stage"
)

// stacks are those that the buildpack is staged on (CF_STACK), the platform's default first.
var stacks = []string{"cflinuxfs4", "cflinuxfs5"}

// Options say how to stage a buildpack.
type Options struct {
	Stager    *stage.Stager // of a cell that has nothing else to do
	Buildpack string        // directory
	// App is the directory of the app; empty for one that asks for nothing.
	App         string
	Environment map[string]string
	Services    []byte // as VCAP_SERVICES has them; nil for one that is planted
	Network     bool   // let the buildpack use the network
	Trust       bool   // run it even if it cannot be isolated
	Quick       bool   // stage it in front of another buildpack alone
	Timeout     time.Duration
	Progress    func(string) // is told of each staging before it begins
}

// A run is the stagings of one buildpack.
type run struct {
	Options
	into      *finding.List
	work      string
	app       string // directory
	fillers   fillers
	secrets   secrets
	own       listing // the buildpack's files
	baseline  listing // the app's files, where no buildpack touches them
	sidecars  []string
	supported string // the stack that all but one staging run on
}
