package buildpack

import (
	"io/fs"

	"github.com/cloudfoundry/libbuildpack"
)

// Push describes the push to all hooks. It is valid until the hook returns.
type Push struct {
	// App has the files of the app, and Buildpack those of the buildpack itself. Only directories
	// and regular files can be read, and no link leads out of them.
	App, Buildpack fs.FS
	// Environ is the environment of the staging, in the form of os.Environ. It includes
	// VCAP_SERVICES and the app's own variables.
	Environ []string
	// Index is the name of the buildpack's deps directory: its position in the push, such as 0,
	// or 00 in a push of ten buildpacks or more (CF-02).
	Index string
	// Stack is the root file system, such as cflinuxfs4; empty if it is not known.
	Stack string
	log   *libbuildpack.Logger
}

// Log writes a line to the staging log, formatted as by fmt.Sprintf. It must not contain a secret.
func (p Push) Log(format string, args ...any) { p.log.Info(format, args...) }

// Warn writes a warning to the staging log, formatted as by fmt.Sprintf. It must not contain a
// secret.
func (p Push) Warn(format string, args ...any) { p.log.Warning(format, args...) }

// AtStart returns a path below the buildpack's deps directory in the form to use in commands, such
// as "$DEPS_DIR/0/settings.txt", with the double quotes: bash expands it when the process starts,
// since the directory is then another one than at staging (CF-14).
func (p Push) AtStart(path string) string {
	return `"$DEPS_DIR/` + p.Index + `/` + path + `"`
}
