package dryrun

import (
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/stage"
)

// stacks are the values of CF_STACK for stagings, the platform's default first.
var stacks = []string{"cflinuxfs4", "cflinuxfs5"}

// Options say how to stage a buildpack.
type Options struct {
	Stager    *stage.Stager // its cell must not be used otherwise
	Buildpack string        // directory
	// App is the directory of the app; empty for a minimal one.
	App         string
	Environment map[string]string
	Services    []byte // in the form of VCAP_SERVICES; nil for a planted service
	Network     bool   // let the buildpack use the network
	Trust       bool   // run it even if it cannot be isolated
	Quick       bool   // only stage it in front of one other buildpack
	Timeout     time.Duration
	Progress    func(string) // called with the name of each staging before it begins
}

// A run has the stagings of one buildpack.
type run struct {
	Options
	into      *finding.List
	work      string
	app       string // directory
	fillers   fillers
	secrets   secrets
	own       listing  // the buildpack's files
	baseline  listing  // the app's files after a staging without the buildpack
	others    []string // the processes that such a staging has left
	sidecars  []string
	supported string // the stack of all stagings but one
	misplaced bool   // whether it has failed among ten
}
