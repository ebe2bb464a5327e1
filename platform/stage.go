package platform

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"code.cloudfoundry.org/buildpackapplifecycle"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// A StagingError is a staging that the platform's builder ended.
type StagingError struct {
	Status int // the builder's exit code (PR-11)
}

func (e *StagingError) Error() string {
	phase := map[int]string{
		buildpackapplifecycle.DETECT_FAIL_CODE:   "no buildpack accepts the app",
		buildpackapplifecycle.COMPILE_FAIL_CODE:  "the last buildpack failed",
		buildpackapplifecycle.RELEASE_FAIL_CODE:  "the last buildpack's release failed",
		buildpackapplifecycle.SUPPLY_FAIL_CODE:   "a buildpack's supply failed",
		buildpackapplifecycle.FINALIZE_FAIL_CODE: "the last buildpack's finalize failed",
	}[e.Status]
	if phase == "" {
		phase = "the builder failed"
	}
	return fmt.Sprintf("staging failed: %s (exit status %d); the log above says why", phase, e.Status)
}

// Stage runs the builder on the app, its output in the log, and leaves the
// droplet, the staging result and the buildpacks' cache in a directory. What
// was there stays as it was if staging fails; its cache is handed to the
// buildpacks.
func (p *Platform) Stage(ctx context.Context, app Application, into Droplet, log *Log) (err error) {
	work, remove, err := p.workspace("staging")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()

	staging, err := p.prepare(ctx, app, work, into, log)
	if err == nil {
		err = p.build(ctx, app, staging, log)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("staging was stopped: %w", context.Cause(ctx))
	}
	if err != nil {
		return err
	}
	return into.replaceWith(staging.droplet)
}

// A staging is one run of the builder and the places that it works in.
type staging struct {
	config  buildpackapplifecycle.LifecycleBuilderConfig
	droplet Droplet
	tmp     string
}

// prepare puts the app, its buildpacks and their cache where the builder looks
// for them.
func (p *Platform) prepare(ctx context.Context, app Application, work string, earlier Droplet, log *Log) (staging, error) {
	defer log.working(sourceStaging, 0, "Preparing to stage")()
	buildpacks, detect := app.Buildpacks, false
	if len(buildpacks) == 0 {
		buildpacks, detect = []string{BuiltinBuildpack}, true
	}
	s, err := newStaging(buildpacks, detect, work)
	if err != nil {
		return s, err
	}
	if err := copyApp(ctx, app.Path, s.config.BuildDir(), string(earlier)); err != nil {
		return s, err
	}
	if err := p.placeBuildpacks(ctx, s.config, buildpacks); err != nil {
		return s, err
	}
	if exists(earlier.cache()) {
		return s, p.untar(ctx, earlier.cache(), s.config.BuildArtifactsCacheDir())
	}
	return s, nil
}

// newStaging makes the builder's directories, all of them below one, as it would
// share its own with every other run on this machine.
func newStaging(buildpacks []string, detect bool, work string) (staging, error) {
	keys := make([]string, len(buildpacks))
	for i, name := range buildpacks {
		keys[i] = buildpackKey(name)
	}
	s := staging{
		config:  buildpackapplifecycle.NewLifecycleBuilderConfig(keys, !detect, false),
		droplet: Droplet(filepath.Join(work, "droplet")),
		tmp:     filepath.Join(work, "tmp"),
	}
	for flag, value := range map[string]string{
		"buildDir":                  filepath.Join(work, "app"),
		"outputDroplet":             s.droplet.archive(),
		"outputMetadata":            s.droplet.result(),
		"outputBuildArtifactsCache": s.droplet.cache(),
		"buildpacksDir":             filepath.Join(work, "buildpacks"),
		"buildpacksDownloadDir":     filepath.Join(work, "downloads"),
		"buildArtifactsCacheDir":    filepath.Join(work, "cache"),
	} {
		if err := s.config.Set(flag, value); err != nil {
			return s, fmt.Errorf("failed to set the builder's %s: %w", flag, err)
		}
	}
	for _, directory := range []string{s.config.BuildDir(), s.config.BuildpacksDir(), s.config.BuildArtifactsCacheDir(), s.tmp} {
		if err := os.MkdirAll(directory, 0o755); err != nil {
			return s, fmt.Errorf("failed to make a place to stage in: %w", err)
		}
	}
	return s, nil
}

// build runs the builder until it ends or the context does.
func (p *Platform) build(ctx context.Context, app Application, s staging, log *Log) (err error) {
	guid := newGUID()
	m, err := p.mount(app, guid, forStaging, func(format string, args ...any) { log.line(sourceStaging, 0, out, fmt.Sprintf(format, args...)) })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	command := p.Lifecycle.Builder.command(s.config.Args()...)
	command.Dir = s.tmp
	command.Env = p.stagingEnvironment(app, s.tmp, guid, m)
	builder := process{command: command, source: sourceStaging, log: log}
	defer log.working(sourceStaging, 0, "Staging "+app.Name)()

	c := &container{guid: guid, root: filepath.Dir(s.tmp), platform: p}
	if err := c.start(&builder); err != nil {
		return fmt.Errorf("failed to start the builder: %w", err)
	}
	select {
	case <-builder.exited:
	case <-ctx.Done():
		c.stop(gracefulShutdown)
	}
	c.destroy()
	if builder.status != 0 {
		return &StagingError{Status: builder.status}
	}
	return nil
}

// Check is nil, or the reasons why the platform refuses the app whatever its
// droplet will be.
func (p *Platform) Check(app Application) error {
	return refused(app, app.Launch.Check())
}

// Plan is what the platform would run of the app once the droplet is assigned to
// it. The error holds the reasons why it refuses to, and why an instance could
// only crash.
func (p *Platform) Plan(app Application, droplet Droplet) (launch.Plan, error) {
	staged, err := droplet.Staged()
	if err != nil {
		return launch.Plan{}, err
	}
	plan, err := launch.NewPlan(staged, app.Launch)
	return plan, errors.Join(refused(app, err), plan.Startable())
}

func refused(app Application, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the platform refuses to run %s: %w", app.Name, err)
}
