// stage is Stage with the cache of an earlier droplet.
package stage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"code.cloudfoundry.org/buildpackapplifecycle"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/droplets"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// A StagingError says that the builder has failed.
type StagingError struct {
	Status int // the builder's exit code (CF-11)
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

// A Stager stages apps in containers of its cell.
type Stager struct {
	*cell.Cell
	Builtin Builtin
	// Examine, if set, gets the files of each staging before they are removed, also if it has
	// failed.
	Examine func(Files)
}

// Stage runs the builder on the app, with its output in the log, and writes the droplet, the
// staging result and the buildpacks' cache to a directory. The buildpacks get the cache that was
// there. If staging fails, the directory does not change.
func (p *Stager) Stage(ctx context.Context, app push.Application, into droplets.Droplet, log *show.Log) error {
	return p.stage(ctx, app, into, into, log)
}

// StageToRun is Stage for a droplet that is only run. It keeps only the cache, in the directory
// where Stage would keep it, so that both use the same one. If it cannot be written there, it logs
// that.
func (p *Stager) StageToRun(ctx context.Context, app push.Application, into, cacheOf droplets.Droplet, log *show.Log) error {
	if err := p.stage(ctx, app, into, cacheOf, log); err != nil {
		return err
	}
	if err := cacheOf.KeepCache(into); err != nil {
		log.Line(show.SourceStaging, 0, show.Err, fmt.Sprintf("The next staging fetches all anew, since the cache cannot be kept: %s", err))
	}
	return nil
}

// stage is Stage with the cache of an earlier droplet.
func (p *Stager) stage(ctx context.Context, app push.Application, into, earlier droplets.Droplet, log *show.Log) (err error) {
	work, remove, err := p.Workspace("staging")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()

	for _, droplet := range []droplets.Droplet{into, earlier} {
		if err := droplet.Check(); err != nil {
			return err
		}
	}
	log = log.WithoutSecretsOf(app.Buildpacks) // the builder logs the URLs of its downloads
	s, err := p.prepare(ctx, app, work, earlier, log)
	if err == nil {
		err = p.build(ctx, app, &s, log)
		p.examine(s)
	}
	if err == nil {
		err = hideAddresses(stagedIn(s.tmp), app.Buildpacks)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("staging was stopped: %w", context.Cause(ctx))
	}
	if err != nil {
		return err
	}
	return into.ReplaceWith(stagedIn(s.tmp))
}

// prepare puts the app, its buildpacks and their cache where the builder looks for them.
func (p *Stager) prepare(ctx context.Context, app push.Application, work string, earlier droplets.Droplet, log *show.Log) (staging, error) {
	defer log.Heartbeat(show.SourceStaging, 0, "Preparing to stage")()
	buildpacks := app.Buildpacks
	if len(buildpacks) == 0 {
		buildpacks = []string{cmp.Or(app.Detected, push.BuiltinBuildpack)}
	}
	s := staging{work: work, tmp: filepath.Join(work, "tmp"), detect: len(app.Buildpacks) == 0}
	for _, name := range buildpacks {
		s.keys = append(s.keys, buildpackKey(name))
	}
	config, err := s.makeDirectories()
	if err != nil {
		return s, err
	}
	if err := push.CopyApp(ctx, app.Path, config.BuildDir(), append(slices.Clone(app.SecretFiles), string(earlier), work)...); err != nil {
		return s, err
	}
	if err := p.placeBuildpacks(ctx, config, app, buildpacks); err != nil {
		return s, err
	}
	if !regularfile.Exists(earlier.Cache()) {
		return s, nil
	}
	leftOut, err := unpackCache(ctx, earlier.Cache(), config.BuildArtifactsCacheDir())
	if leftOut != "" {
		log.Line(show.SourceStaging, 0, show.Err, leftOut)
	}
	return s, err
}

// makeDirectories makes the directories that must exist before the builder runs, and returns its
// configuration with the machine's paths.
func (s staging) makeDirectories() (buildpackapplifecycle.LifecycleBuilderConfig, error) {
	config, err := s.config(s.tmp)
	if err == nil {
		err = cell.MakeTmp(s.tmp)
	}
	if err != nil {
		return config, err
	}
	for _, directory := range []string{config.BuildDir(), config.BuildpacksDir(), config.BuildpacksDownloadDir(), config.BuildArtifactsCacheDir(), string(stagedIn(s.tmp))} {
		if err := os.MkdirAll(directory, 0o755); err != nil {
			return config, fmt.Errorf("failed to make a staging directory: %w", err)
		}
	}
	return config, nil
}

// build runs the builder until it ends or the context does.
func (p *Stager) build(ctx context.Context, app push.Application, s *staging, log *show.Log) (err error) {
	guid := cell.NewGUID()
	m, err := p.Mount(app, guid, cell.PurposeStaging, func(format string, args ...any) {
		log.Line(show.SourceStaging, 0, show.Out, fmt.Sprintf(format, args...))
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	root, err := p.home(s)
	if err != nil {
		return err
	}
	c, err := p.NewContainer(guid, s.work, root, s.tmp, p.visibleToStaging(app, *s, m))
	if err != nil {
		return err
	}
	defer c.Destroy()
	p.SayLacks(c, show.SourceStaging, 0, log)
	tmp := c.Inside(s.tmp)
	s.seen = tmp
	config, err := s.config(tmp)
	if err != nil {
		return err
	}
	command := p.Lifecycle.Builder.Command(config.Args()...)
	command.Dir = tmp
	command.Env = p.StagingEnvironment(app, tmp, guid, m)
	builder := cell.Process{Command: command, Source: show.SourceStaging, Log: log}
	defer log.Heartbeat(show.SourceStaging, 0, "Staging "+app.Name)()

	if err := c.Start(&builder); err != nil {
		return fmt.Errorf("failed to start the builder: %w", err)
	}
	select {
	case <-builder.Exited:
	case <-ctx.Done():
		c.Stop(cell.GracefulShutdown)
	}
	if builder.Status != 0 {
		return &StagingError{Status: builder.Status}
	}
	return nil
}
