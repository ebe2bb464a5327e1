// Package standin replaces the platform's language buildpacks on a machine that does not have them:
// it stages an app for the languages that are installed on the machine.
//
// A stand-in is a real buildpack, which the platform's builder runs. It installs no language: the
// app runs with the machine's. The default start command and environment are those of the buildpack
// that it replaces, according to that buildpack's sources.
package standin

import (
	"io"
	"os"

	"github.com/cloudfoundry/libbuildpack"
)

// A supplier prepares one app.
type supplier struct {
	buildpack Buildpack
	build     string // the app's directory
	dep       string // the stand-in's deps directory
	index     string // its name
	environ   []string
	log       *libbuildpack.Logger
	stdout    io.Writer
	root      *os.Root // of the app
	found     foundRuntime
	lines     []string // of the script in profile.d
	command   string   // the start command; set by build
}

// A Buildpack is one of the platform's buildpacks.
type Buildpack struct {
	// Name is its name on the platform, such as ruby_buildpack.
	Name string
	// language is its name in config.yml (CF-04), such as ruby.
	language string
	runtime  runtime
	// accepts is its bin/detect.
	accepts func(App) bool
	// start returns the app's default start command; empty if the buildpack has none for this app.
	// The error says why only the buildpack itself could start it.
	start func(App) (string, error)
	// supply prepares the app's dependencies and environment; it may be nil.
	supply func(*supplier) error
	// build compiles the app if the stand-in comes last; it may be nil.
	build func(*supplier) error
}
