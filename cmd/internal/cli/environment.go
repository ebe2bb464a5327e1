package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/manifest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/teamservices"
)

// environmentFlags are the variables that the command line sets for an app.
type environmentFlags struct {
	pairs []string
	files []string
}

func (f *environmentFlags) add(c *cobra.Command) {
	c.Flags().StringArrayVar(&f.pairs, "env", nil, "set `NAME=VALUE` in the app's environment, over --env-file and the manifest's env; repeatable")
	c.Flags().StringArrayVar(&f.files, "env-file", nil, "set the variables in this `FILE`, a line NAME=VALUE for each, over the manifest's env; repeatable, a later file wins")
}

// variables are what the flags set, with notes on those that have no effect.
func (f *environmentFlags) variables() (variables map[string]string, notes []string, err error) {
	return manifest.LoadEnvironment(f.files, f.pairs)
}

// environ is an app's own environment, as os.Environ has one.
func environ(app push.Application) []string {
	var environ []string
	for name, value := range app.Environment {
		environ = append(environ, name+"="+value)
	}
	return environ
}

// environmentHelp says which variables an app has, and from where.
func environmentHelp() string {
	return "\n\n" + wrap("The app's environment is that of the platform, with the manifest's env, then the variables of --env-file, then those "+
		"of --env. Of the environment of sidecar, apps and sidecars see "+strings.Join(cell.PassedToApps(), ", ")+" alone, and buildpacks these: "+
		strings.Join(cell.PassedToBuildpacks(), ", ")+". sidecar itself reads VCAP_SERVICES, the bound services where there is no --services, which are those of the manifest and "+teamservices.FileName+" where neither is set, "+
		"CF_SYSTEM_CERT_PATH, TMPDIR, XDG_RUNTIME_DIR, TERM and NO_COLOR.")
}

// wrap breaks a paragraph into lines as long as those of a command's description.
func wrap(text string) string {
	const columns = 115
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > columns {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return strings.Join(append(lines, line), "\n")
}
