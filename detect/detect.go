// Package detect decides whether this buildpack alone can run an app. It is not an API: make a
// buildpack of your own from package buildpack.
package detect

import (
	"io/fs"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// A Context is the input of the decision.
type Context struct {
	App     fs.FS // the app's root
	Environ []string
	Catalog sidecar.Catalog
	// Services are the services bound to the app.
	Services sidecar.Services
}

// A Refusal says why it makes no sense to push the app with this buildpack alone.
type Refusal string

func (r Refusal) Error() string { return string(r) }

// Run returns nil for an app that has sidecars and a Procfile with a command for its web process:
// this buildpack includes no language runtime. For any other app the error is a Refusal.
func Run(context Context) error {
	resolved, err := sidecar.ResolveApp(context.App, sidecar.Request{Catalog: context.Catalog, Environ: context.Environ, Services: context.Services})
	if err != nil {
		return err
	}
	if len(resolved.Sidecars) == 0 && len(resolved.Absent) > 0 {
		return Refusal(leftOut(resolved.Absent))
	}
	if len(resolved.Sidecars) == 0 {
		return Refusal("the app names no sidecars: it has no " + sidecar.FileName + ", and " + sidecar.InlineVariable + " is not set")
	}
	return startCommand(context.App)
}

// leftOut says why an app gets none of its sidecars.
func leftOut(all []sidecar.Absent) string {
	said := []string{"the app has none of its sidecars."}
	for _, a := range all {
		said = append(said, a.String())
	}
	return strings.TrimSuffix(strings.Join(said, " "), ".")
}

func startCommand(app fs.FS) error {
	processes, err := launch.ReadProcfile(app)
	if err != nil {
		return err
	}
	for _, p := range processes {
		if p.Type == launch.WebProcess && p.Command != "" {
			return nil
		}
	}
	return Refusal("the app has sidecars, but no Procfile with a line web: COMMAND that says how to start it: name its own buildpack behind this one")
}
