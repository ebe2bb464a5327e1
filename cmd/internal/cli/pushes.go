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

// dropletNamed finds the apps' droplets: the directory that the command line
// names, or one for each app below it where there are several.
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

// dropletIn finds each app's droplet below a directory. An app may have a name
// that is no file's.
func dropletIn(directory string) func(push.Application) droplets.Droplet {
	return func(a push.Application) droplets.Droplet {
		name := url.PathEscape(a.Name)
		if strings.Trim(name, ".") == "" {
			name = strings.ReplaceAll(name, ".", "%2E") // neither this directory nor its parent
		}
		return droplets.Droplet(filepath.Join(directory, name))
	}
}

// notes are what the platform takes of an app and is most likely not meant.
func notes(app push.Application) []string {
	all := slices.Clone(app.Notes)
	for _, dropped := range app.Launch.Dropped {
		all = append(all, dropped.Error()+droppedSilently)
	}
	return all
}

// droppedSilently follows what is wrong with a key of a manifest's sidecar.
const droppedSilently = ": Cloud Controller drops it without a word"

// An appPush is one app on its way.
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

// stageToRun stages the apps with the caches of their droplets as kept finds them, and keeps
// nothing else of them.
func (all pushes) stageToRun(ctx context.Context, p *platform.Platform, cacheOf func(push.Application) droplets.Droplet) error {
	return all.stageEach(p, func(one *appPush) error { return p.StageToRun(ctx, one.app, one.droplet, cacheOf(one.app), one.log) })
}

// stageEach stages the apps one after the other, if the platform refuses none of them.
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

// note says what sidecar plan says of the plan and of its droplet.
func (one *appPush) note(plan controller.Plan) {
	warnings := plan.Warnings
	if declared, err := declaredInDroplet(one.droplet); err == nil { // it has been read already
		warnings = append(warnings, declared.warnings...)
	}
	for _, warning := range append(warnings, javaWarnings(plan, one.app, nil)...) {
		one.log.Note(warning)
	}
}

// checkStaged says of which apps the platform would refuse the droplets, which are there
// all the same, and which would not start.
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

// run runs all apps at once, if the platform refuses none of them.
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
