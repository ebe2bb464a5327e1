package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/manifest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/teamservices"
)

// environmentFlags are the flags that set an app's variables.
type environmentFlags struct {
	pairs []string
	files []string
}

func (f *environmentFlags) add(c *cobra.Command) {
	c.Flags().StringArrayVar(&f.pairs, "env", nil, "set `NAME=VALUE` in the app's environment; repeatable, overrides --env-file and the manifest's env")
	c.Flags().StringArrayVar(&f.files, "env-file", nil, "set the variables in this `FILE`, with one NAME=VALUE per line; repeatable, the last file wins; overrides the manifest's env")
}

// variables returns the variables of the flags, with notes on those that have no effect.
func (f *environmentFlags) variables() (variables map[string]string, notes []string, err error) {
	return manifest.LoadEnvironment(f.files, f.pairs)
}

// environ returns an app's own variables in the form of os.Environ.
func environ(app push.Application) []string {
	var environ []string
	for name, value := range app.Environment {
		environ = append(environ, name+"="+value)
	}
	return environ
}

// environmentHelp explains in a command's help where an app's variables and services come from.
func environmentHelp() string {
	return "\n\n" + wrap("The app's environment is that of the platform, then the manifest's env, then the variables of --env-file, then those "+
		"of --env; the last one to set a variable wins. Of your shell's environment, apps and sidecars get only "+strings.Join(cell.PassedToApps(), ", ")+", and buildpacks get "+
		strings.Join(cell.PassedToBuildpacks(), ", ")+".") +
		"\n\n" + wrap("Bound services come from --services, or else from VCAP_SERVICES in your environment, or else from the manifest and "+teamservices.FileName+". "+
		"sidecar also reads CF_SYSTEM_CERT_PATH, TMPDIR, XDG_RUNTIME_DIR, TERM and NO_COLOR.")
}

// wrap breaks a paragraph into lines of the same length as the other descriptions.
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
