package push

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/manifest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// LoadManifest reads the apps of an app manifest as they reach Cloud Controller, with variables
// replaced. The error lists everything that is wrong with it, with lines.
func LoadManifest(path string, variables manifest.Variables) ([]Application, error) {
	apps, err := manifest.Read(path, variables)
	applications := make([]Application, len(apps))
	for i, app := range apps {
		applications[i] = application(app, filepath.Dir(path))
	}
	return applications, err
}

// application converts an app of a manifest in this directory.
func application(app manifest.App, directory string) Application {
	a := Application{
		Name: app.Name, Path: relative(directory, app.Path), Stack: app.Stack, Buildpacks: app.Buildpacks,
		Environment: app.Environment, Launch: app.Launch, Services: app.Services, Bound: app.Bound, HealthChecks: map[string]HealthCheck{},
	}
	// The path of a directory or a zip, which only this tool accepts, is relative to
	// the manifest.
	for i, name := range a.Buildpacks {
		if local := relative(directory, name); name != BuiltinBuildpack && regularfile.Exists(local) {
			a.Buildpacks[i] = local
		}
	}
	for _, process := range app.Launch.Processes {
		a.HealthChecks[process.Type] = withStated(defaultHealthCheck(process.Type), process.Check)
		readiness := HealthCheck{Type: HealthCheckProcess, InvocationTimeout: DefaultInvocationTimeout, Interval: defaultHealthCheckInterval}
		if readiness = withStated(readiness, process.Readiness); readiness.Type != HealthCheckProcess {
			setIn(&a.ReadinessChecks, process.Type, readiness)
		}
		if process.LogRate != nil && *process.LogRate >= 0 {
			setIn(&a.LogRateLimits, process.Type, *process.LogRate)
		}
	}
	for _, note := range app.Notes {
		a.Notes = append(a.Notes, note.String())
	}
	return a
}

// relative resolves a path of the manifest, which is relative to the manifest's directory.
func relative(directory, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(directory, path)
}

// setIn sets a value in a map that may be nil.
func setIn[V any](m *map[string]V, key string, value V) {
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[key] = value
}

// withStated overrides a check's defaults with the settings of the manifest.
func withStated(check HealthCheck, stated controller.AppCheck) HealthCheck {
	if stated.Type != "" {
		check.Type = HealthCheckType(stated.Type)
	}
	if stated.Endpoint != nil {
		check.Endpoint = *stated.Endpoint
	}
	for _, value := range []struct {
		seconds *int
		into    *time.Duration
	}{
		{stated.Timeout, &check.StartTimeout},
		{stated.InvocationTimeout, &check.InvocationTimeout},
		{stated.Interval, &check.Interval},
	} {
		if value.seconds != nil {
			*value.into = time.Duration(*value.seconds) * time.Second
		}
	}
	return check
}

// ErrSeveralApplications is the error for flags that apply to one app, if several are selected.
var ErrSeveralApplications = errors.New("command line flags (except -f, --var and --vars-file) cannot be applied to several apps of a manifest: name one of them")

// SelectApplications selects the app of this name, or all apps if the name is empty, and applies
// the command line's settings.
func SelectApplications(all []Application, name string, overrides Overrides) ([]Application, error) {
	selected := all
	if name != "" {
		selected = nil
		var names []string
		for _, app := range all {
			names = append(names, app.Name)
			if app.Name == name {
				selected = []Application{app}
			}
		}
		switch {
		case selected != nil:
		case len(all) == 1:
			// A single app of the manifest may be pushed under another name.
			all[0].Name = name
			selected = all
		default:
			return nil, fmt.Errorf("could not find app named %q in manifest%s", name, suggest.Before(suggest.Name(name, names), "it has "+strings.Join(names, ", ")))
		}
	}
	if len(selected) > 1 && !overrides.empty() {
		return nil, ErrSeveralApplications
	}
	for i := range selected {
		selected[i].Override(overrides)
		if selected[i].Path == "" {
			selected[i].Path = "."
		}
		if selected[i].Stack == "" {
			selected[i].Stack = DefaultStack
		}
	}
	return selected, nil
}

// NewApplication returns an app without a manifest.
func NewApplication(name string) Application {
	app := Application{Name: name, Environment: map[string]string{}, HealthChecks: map[string]HealthCheck{}}
	app.Process(launch.WebProcess)
	return app
}
