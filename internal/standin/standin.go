// Package standin takes the place of the platform's language buildpacks on a machine that
// has none of them: it stages an app for the languages that the machine has itself.
//
// A stand-in is a real buildpack, which the platform's builder runs. It installs no
// language: the app runs with the machine's. The default start command of an app
// and the defaults of its environment are those of the buildpack that it replaces,
// looked up in that buildpack's sources.
package standin

import (
	"io"
	"os"

	"github.com/cloudfoundry/libbuildpack"
)

// A supplier is the work of a stand-in on one app.
type supplier struct {
	buildpack Buildpack
	build     string // the app
	dep       string // the stand-in's deps directory
	index     string // its name
	environ   []string
	log       *libbuildpack.Logger
	stdout    io.Writer
	root      *os.Root // of the app
	found     foundRuntime
	lines     []string // of the profile script
	command   string   // the start command, once build has found one
}

// A Buildpack is one that the platform has and this machine may not have.
type Buildpack struct {
	// Name is the one by which the platform lists it, such as ruby_buildpack.
	Name string
	// language is what it calls itself in its config.yml (CF-04), such as ruby.
	language string
	runtime  runtime
	// accepts is its bin/detect.
	accepts func(App) bool
	// start is the app's default start command: empty where the buildpack has none for
	// this app. The error says why only the buildpack itself could start it.
	start func(App) (string, error)
	// supply prepares the app's dependencies and environment; it may be nil.
	supply func(*supplier) error
	// build compiles the app where the stand-in comes last; it may be nil.
	build func(*supplier) error
}
