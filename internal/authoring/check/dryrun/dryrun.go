// Package dryrun stages an app with a buildpack as the platform would, in sealed containers: as
// first, middle and last of ten, on both stacks, and with another buildpack of the same kind. It
// checks what the buildpack writes, and where.
package dryrun

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/container"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/stage"
)

// Run stages the app, and adds its findings. The error is a failure of this machine, or the end of
// the context.
func Run(ctx context.Context, options Options, into *finding.List) (err error) {
	work, remove, err := options.Stager.Workspace("check")
	if err != nil {
		return err
	}
	before := options.Stager.TempDir
	defer func() {
		options.Stager.TempDir, options.Stager.Examine = before, nil
		err = errors.Join(err, remove())
	}()
	r := &run{Options: options, into: into, work: work, supported: stacks[0]}
	if err := r.prepare(); err != nil {
		return err
	}
	if isolated, err := r.isolate(ctx); err != nil || !isolated {
		return err
	}
	return r.stageAll(ctx)
}

// prepare makes the files that the stagings need.
func (r *run) prepare() (err error) {
	if r.fillers, err = makeFillers(filepath.Join(r.work, "fillers")); err != nil {
		return err
	}
	if r.secrets, err = plant(r.Services, r.Environment, r.Buildpack); err != nil {
		return err
	}
	if r.app = r.App; r.app == "" {
		if r.app, err = makeApp(filepath.Join(r.work, "app"), r.Buildpack); err != nil {
			return err
		}
	}
	if r.own, err = list(r.Buildpack); err != nil {
		return fmt.Errorf("failed to read the buildpack: %w", err)
	}
	return nil
}

// isolate seals the cell's containers, and stages the app without the buildpack, for comparison. It
// returns false if the machine does not support such containers and the buildpack is not trusted.
func (r *run) isolate(ctx context.Context) (bool, error) {
	r.Stager.TempDir = filepath.Join(r.work, "stagings")
	if err := os.Mkdir(r.Stager.TempDir, 0o755); err != nil {
		return false, fmt.Errorf("failed to make a staging directory: %w", err)
	}
	without := staging{name: "only the app, without the buildpack, for comparison", buildpacks: []string{r.fillers.last}, stack: r.supported, examine: func(files stage.Files, _ *staged) {
		r.baseline, _ = list(filepath.Join(files.Tmp, appDirectory)) // listings leave out what cannot be read
		r.others = r.processesLeft(files)
	}}
	r.Stager.Sealed, r.Stager.Network = true, false
	s := r.stage(ctx, without)
	if errors.Is(s.err, container.ErrNotSealed) {
		if !r.Trust {
			r.into.Add(finding.NotIsolated, finding.Finding{Found: s.err.Error()})
			return false, nil
		}
		r.Stager.Sealed = false
		s = r.stage(ctx, without)
	}
	if s.err != nil {
		return false, fmt.Errorf("failed to stage an app without the buildpack: %w: %s", s.err, s.output.tail())
	}
	return true, nil
}
