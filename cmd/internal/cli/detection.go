package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/detect"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/standin"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// detectAll finds the buildpacks of the apps for which none is named.
func (t *tool) detectAll(applications []platform.Application) error {
	for i := range applications {
		if err := t.detect(&applications[i]); err != nil {
			return err
		}
	}
	return nil
}

// detect finds the buildpack that accepts an app for which none is named: the sidecar
// buildpack, which is left to staging, or the platform's first one that would. An app
// that says itself how it starts runs without any, although the platform would refuse it.
func (t *tool) detect(app *platform.Application) error {
	if len(app.Buildpacks) > 0 {
		return nil
	}
	files, err := platform.OpenApp(app.Path)
	if err != nil {
		return err
	}
	defer files.Close() // it was only read
	builtin, err := t.readBuildpack(platform.BuiltinBuildpack)
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
		app.Notes = append(app.Notes, refusedNote(name))
		return nil
	}
	if name == "" && startsItself(*app, files) {
		name = standin.Binary
		app.Notes = append(app.Notes, fmt.Sprintf("no buildpack is named, and none of the platform's accepts this app: there, push it with -b %s", name))
	}
	app.Detected = name
	app.Substitute()
	return nil
}

// refusedNote says of an app for which no buildpack is named why it has none here, where the
// platform may have one.
func refusedNote(name string) string {
	if name == "" {
		return "no buildpack is named, and none of the platform's accepts this app"
	}
	return fmt.Sprintf("no buildpack is named, and the one of the platform's that accepts this app, %s, is not on this machine: --strict takes no other in its place; name it with --buildpack-for %[1]s=DIRECTORY, a zip or a git URL", name)
}

// startsItself tells whether an app has a start command of its own.
func startsItself(app platform.Application, files *platform.AppFiles) bool {
	if app.HasCommand() {
		return true
	}
	processes, err := launch.ReadProcfile(files)
	return err == nil && slices.ContainsFunc(processes, func(p launch.Process) bool { return p.Type == launch.WebProcess && p.Command != "" })
}
