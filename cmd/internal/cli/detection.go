package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/detect"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/standin"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// losesSidecars warns that, on the platform, an app that names no buildpack may run without its
// sidecars (CF-09).
const losesSidecars = "If the platform tries several buildpacks, it loses the sidecars of the buildpack that accepts the app: name that buildpack with -b."

// A noneAccepts is the error that staging would fail, since no buildpack is named and none accepts
// the app. It says why.
type noneAccepts string

func (e noneAccepts) Error() string { return string(e) }

// detectAll finds the buildpacks of all apps that name none. If no buildpack accepts an app, staging
// reports it.
func (t *tool) detectAll(applications []push.Application) error {
	for i := range applications {
		app := &applications[i]
		var none noneAccepts
		err := t.detect(app)
		switch {
		case errors.As(err, &none):
			app.Notes = append(app.Notes, none.Error())
		case err != nil:
			return err
		case len(app.Buildpacks) == 0 && app.Detected == "":
			app.Notes = append(app.Notes, "No buildpack is named, and the sidecar buildpack accepts the app. "+losesSidecars)
		}
	}
	return nil
}

// detect finds the buildpack that accepts an app that names none: the sidecar buildpack, which
// staging detects, or else the first one of the platform. An app with a start command of its own
// runs without any language buildpack, although the platform would refuse it; if it has sidecars, it
// runs with the sidecar buildpack alone. If no buildpack accepts the app, the error is a
// noneAccepts.
func (t *tool) detect(app *push.Application) error {
	if len(app.Buildpacks) > 0 {
		return nil
	}
	files, err := push.OpenApp(app.Path, app.SecretFiles...)
	if err != nil {
		return err
	}
	defer files.Close() // it was only read
	builtin, err := t.readBuildpack(push.BuiltinBuildpack)
	if err != nil {
		return err
	}
	var refusal detect.Refusal
	if err := detect.Run(detect.Context{App: files, Environ: environ(*app), Catalog: builtin.Catalog}); !errors.As(err, &refusal) {
		return nil // staging says what is wrong, if anything is
	}
	name := standin.Detect(standin.App{
		Files:  files,
		Getenv: func(name string) string { return app.Environment[name] },
		Find:   func(program string) (string, bool) { return standin.FindIn(env.Get(t.environ, "PATH"), program) },
	})
	if _, chosen := app.Instead[name]; app.Strict && !chosen {
		return noneAccepts(refusedNote(name))
	}
	if name == "" && startsItself(*app, files) {
		name = standin.Binary
		if t.hasSidecars(*app, files, builtin) {
			name = push.BuiltinBuildpack
			app.Buildpacks = []string{name}
		}
		app.Notes = append(app.Notes, fmt.Sprintf("no buildpack is named, and none of the platform's accepts this app: there, push it with -b %s", name))
	}
	if name == "" {
		return noneAccepts(refusedNote(name) + "; name one with -b")
	}
	if len(app.Buildpacks) == 0 {
		app.Detected = name
	}
	app.Substitute()
	return nil
}

// refusedNote explains that no buildpack here accepts the app, although one of the platform's may.
func refusedNote(name string) string {
	if name == "" {
		return "no buildpack is named, and none of the platform's accepts this app"
	}
	return fmt.Sprintf("no buildpack is named, and the one of the platform's that accepts this app, %s, is not on this machine: --strict takes no other in its place; name it with --buildpack-for %[1]s=DIRECTORY, a zip or a git URL", name)
}

// hasSidecars reports whether the sidecar buildpack would give an app a sidecar.
func (t *tool) hasSidecars(app push.Application, files *push.AppFiles, builtin family.Buildpack) bool {
	resolved, err := sidecar.ResolveApp(files, sidecar.Request{Catalog: builtin.Catalog, Environ: environ(app), Services: t.services(app)})
	return err == nil && len(resolved.Sidecars) > 0
}

// startsItself reports whether an app has its own start command.
func startsItself(app push.Application, files *push.AppFiles) bool {
	if app.HasCommand() {
		return true
	}
	processes, err := launch.ReadProcfile(files)
	return err == nil && slices.ContainsFunc(processes, func(p launch.Process) bool { return p.Type == launch.WebProcess && p.Command != "" })
}
