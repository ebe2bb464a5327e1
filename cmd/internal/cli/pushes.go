package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/droplets"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// dropletNamed returns a function that finds an app's droplet: in the directory that the command
// line names, or in a subdirectory for each app if there are several.
func dropletNamed(directory string, applications []push.Application) func(push.Application) droplets.Droplet {
	switch {
	case directory == "":
		return dropletIn(push.StateDirectory)
	case len(applications) > 1:
		return dropletIn(directory)
	default:
		return func(push.Application) droplets.Droplet { return droplets.Droplet(directory) }
	}
}

// dropletIn returns a function that finds each app's droplet below a directory. It escapes names of
// apps that are not valid file names.
func dropletIn(directory string) func(push.Application) droplets.Droplet {
	return func(a push.Application) droplets.Droplet {
		name := url.PathEscape(a.Name)
		if strings.Trim(name, ".") == "" {
			name = strings.ReplaceAll(name, ".", "%2E") // "." and ".." are directories
		}
		return droplets.Droplet(filepath.Join(directory, name))
	}
}

// notes returns what the platform accepts in an app, but is probably a mistake.
func notes(app push.Application) []string {
	all := slices.Clone(app.Notes)
	for _, dropped := range app.Launch.Dropped {
		all = append(all, dropped.Error()+droppedSilently)
	}
	return all
}

// droppedSilently ends a note on a key of a manifest's sidecar.
const droppedSilently = ": Cloud Controller drops it without a word"

// An appPush is the push of one app.
type appPush struct {
	app     push.Application
	droplet droplets.Droplet
	plan    controller.Plan
	log     *show.Log
}

type pushes []*appPush

func newPushes(log *show.Log, applications []push.Application, droplet func(push.Application) droplets.Droplet) pushes {
	var all pushes
	for _, app := range applications {
		one := &appPush{app: app, droplet: droplet(app), log: log}
		if len(applications) > 1 {
			one.log = log.Named(app.Name)
		}
		for _, note := range notes(app) {
			one.log.Note(note)
		}
		all = append(all, one)
	}
	return all
}

func (all pushes) stage(ctx context.Context, p *platform.Platform) error {
	return all.stageEach(p, func(one *appPush) error { return p.Stage(ctx, one.app, one.droplet, one.log) })
}

// stageToRun stages the apps into a temporary directory. Only the buildpacks' caches are kept, in
// the droplets of cacheOf.
func (all pushes) stageToRun(ctx context.Context, p *platform.Platform, cacheOf func(push.Application) droplets.Droplet) error {
	return all.stageEach(p, func(one *appPush) error { return p.StageToRun(ctx, one.app, one.droplet, cacheOf(one.app), one.log) })
}

// stageEach stages one app after the other, if the platform refuses none of them.
func (all pushes) stageEach(p *platform.Platform, stage func(*appPush) error) error {
	for _, one := range all {
		if err := one.app.Check(); err != nil {
			return err
		}
	}
	for _, one := range all {
		if err := stage(one); err != nil {
			return err
		}
	}
	return nil
}

// note logs what sidecar plan would say of the plan and its droplet.
func (one *appPush) note(plan controller.Plan) {
	warnings := plan.Warnings
	if declared, err := declaredInDroplet(one.droplet); err == nil { // the error was already reported
		warnings = append(warnings, declared.warnings...)
	}
	for _, warning := range append(warnings, javaWarnings(plan, one.app, nil)...) {
		one.log.Note(warning)
	}
}

// checkStaged reports the apps whose droplets the platform would refuse, although they exist, and
// those that would not start.
func (all pushes) checkStaged() error {
	var refused []error
	for _, one := range all {
		plan, err := one.droplet.CheckStaged(one.app)
		if err != nil {
			refused = append(refused, fmt.Errorf("%s is staged, and %w", one.app.Name, err))
		} else if err := plan.Startable(); err != nil {
			plan.Warnings = append(plan.Warnings, lines(err)...)
		}
		one.note(plan)
	}
	return errors.Join(refused...)
}

// run runs all apps at the same time, if the platform refuses none of them.
func (all pushes) run(ctx context.Context, p *platform.Platform, port int) error {
	for _, one := range all {
		plan, err := one.droplet.Plan(one.app)
		if err != nil {
			return err
		}
		one.note(plan)
		one.plan = plan
		if port != 0 && !slices.ContainsFunc(plan.Running(), func(p controller.PlannedProcess) bool { return p.Type == launch.WebProcess }) {
			return fmt.Errorf("--port has no effect: %s has no instance of the process web", printable.Name(one.app.Name))
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make([]error, len(all))
	var running sync.WaitGroup
	for i, one := range all {
		running.Go(func() {
			if failed[i] = p.Run(ctx, one.app, one.plan, one.droplet, port, one.log); failed[i] != nil {
				cancel()
			}
		})
	}
	running.Wait()
	return errors.Join(failed...)
}
