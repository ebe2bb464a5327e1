package judge

import (
	"regexp"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// PackagesDirectory, below a buildpack's deps directory, contains a directory for each dependency
// and artifact.
const PackagesDirectory = "packages"

// namePackages replaces $SIDECAR_PACKAGE in a sidecar's command and variables with the directory of
// its package: below $DEPS_DIR at the start (CF-14), in the buildpack's own directory, with a name
// that depends on the version. Values that are read when a process starts are unchanged. Errors
// about a package are reported later.
func (c Case) namePackages(all []sidecar.Definition) {
	for i := range all {
		d := &all[i]
		if !d.Package.NeedsDownload() {
			continue
		}
		one, err := c.installation(*d)
		if err != nil {
			continue
		}
		path := "$DEPS_DIR/" + c.Index + "/" + PackagesDirectory + "/" + one.Directory
		replace := func(text string) string { return packageVariable.ReplaceAllLiteralString(text, path) }
		d.Command = replace(d.Command)
		d.AppEnv = slices.Clone(d.AppEnv) // the slice may be the catalog's
		for j := range d.AppEnv {
			d.AppEnv[j].Value = replace(d.AppEnv[j].Value)
		}
		d.Supervision.Env = slices.Clone(d.Supervision.Env)
		for j := range d.Supervision.Env {
			d.Supervision.Env[j].Value = replace(d.Supervision.Env[j].Value)
		}
	}
}

// packageVariable matches references to the package's directory in commands and variables.
var packageVariable = regexp.MustCompile(`\$(SIDECAR_PACKAGE\b|\{SIDECAR_PACKAGE\})`)
