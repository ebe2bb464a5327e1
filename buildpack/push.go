package buildpack

import (
	"io/fs"

	"github.com/cloudfoundry/libbuildpack"
)

// A Push has the facts that all hooks get. It is valid until the hook returns.
type Push struct {
	// App are the files of the app, and Buildpack those of the buildpack itself. Only
	// directories and regular files can be read, through no link that leads elsewhere.
	App, Buildpack fs.FS
	// Environ is the environment of staging, as from os.Environ: VCAP_SERVICES, and the app's
	// own variables.
	Environ []string
	// Index is the position of the buildpack in the push, the name of its deps directory:
	// 0, or 00 where there are many (CF-02).
	Index string
	// Stack is the root file system, such as cflinuxfs4; empty where it is not known.
	Stack string
	log   *libbuildpack.Logger
}

// Log writes a line to the staging log. It must name no secret.
func (p Push) Log(format string, args ...any) { p.log.Info(format, args...) }

// Warn writes a warning to the staging log. It must name no secret.
func (p Push) Warn(format string, args ...any) { p.log.Warning(format, args...) }

// AtStart is how the commands of processes, which bash runs, name a path below the
// buildpack's deps directory, in double quotes. At the start the directory is another one than
// at staging (CF-14).
func (p Push) AtStart(path string) string {
	return `"$DEPS_DIR/` + p.Index + `/` + path + `"`
}
