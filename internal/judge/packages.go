package judge

import (
	"regexp"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// PackagesDirectory, below a buildpack's deps directory, holds what dependencies and artifacts
// hold, each below a directory of its own.
const PackagesDirectory = "packages"

// namePackages has $SIDECAR_PACKAGE, in the command and the variables of a sidecar, stand for the
// directory that its package is unpacked to: at the start it is below $DEPS_DIR (CF-14), in the
// buildpack's own directory, under a name that depends on the version. Values that are read at
// the start of a process are left as they are. Faults of a package are reported later.
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
		d.AppEnv = slices.Clone(d.AppEnv) // they may be the catalog's
		for j := range d.AppEnv {
			d.AppEnv[j].Value = replace(d.AppEnv[j].Value)
		}
		d.Supervision.Env = slices.Clone(d.Supervision.Env)
		for j := range d.Supervision.Env {
			d.Supervision.Env[j].Value = replace(d.Supervision.Env[j].Value)
		}
	}
}

// packageVariable is how commands and variables refer to the directory of the package.
var packageVariable = regexp.MustCompile(`\$(SIDECAR_PACKAGE\b|\{SIDECAR_PACKAGE\})`)
