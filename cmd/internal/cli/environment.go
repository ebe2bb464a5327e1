package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/manifest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
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

// environmentHelp says which variables an app has, and from where.
func environmentHelp() string {
	return "\n\n" + wrap("The app's environment is that of the platform, with the manifest's env, then the variables of --env-file, then those "+
		"of --env. Of the environment of sidecar, apps and sidecars see "+strings.Join(cell.PassedToApps(), ", ")+" alone, and buildpacks these: "+
		strings.Join(cell.PassedToBuildpacks(), ", ")+". sidecar itself reads VCAP_SERVICES, the bound services where there is no --services, "+
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

// serviceFlags are the bound services that the command line has.
type serviceFlags struct {
	file string
}

func (f *serviceFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.file, "services", "", "bind the services in this `FILE`, the JSON of VCAP_SERVICES, to each app of the push, in the form that its features ask for")
}

// bind gives the apps their bound services, those of the flag or of this environment, once
// they are known to be in order.
func (f *serviceFlags) bind(c *cobra.Command, environ []string, applications []push.Application) error {
	if !c.Flags().Changed("services") {
		if services := env.Get(environ, bindings.ServicesVariable); services != "" {
			return checkServices(bindings.ServicesVariable, []byte(services))
		}
		return nil
	}
	content, err := regularfile.ReadText(f.file, maxDescription)
	if err != nil {
		return fmt.Errorf("failed to read the services of --services: %w", err)
	}
	if err := checkServices(f.file, content); err != nil {
		return err
	}
	for i := range applications {
		applications[i].BoundServices = string(content)
	}
	return nil
}

func checkServices(source string, content []byte) error {
	if err := bindings.Check(content); err != nil {
		return fmt.Errorf("failed to read the bound services: %s:%w", source, err)
	}
	return nil
}
