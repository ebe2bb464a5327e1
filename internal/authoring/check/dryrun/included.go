package dryrun

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/packaged"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/files"
)

// included stages only what buildpack-packager would put into a package: a repository may have files
// that bin/supply needs, and include_files leaves out.
func (r *run) included(ctx context.Context, base *staged) {
	names, line := packaged.Included(r.Buildpack)
	if len(names) == 0 {
		return
	}
	directory := filepath.Join(r.work, "included")
	if copyFiles(ctx, r.Buildpack, directory, names) != nil {
		return // the context has ended, or the machine has no room for a second one
	}
	s := r.stage(ctx, staging{name: "first of two, with the files of include_files alone", buildpacks: []string{directory, r.fillers.last}, stack: r.supported, network: base.network, index: "0"})
	found := finding.Finding{File: "manifest.yml", Line: line, Staging: s.name}
	switch lost := s.missing(r.sidecars); {
	case ctx.Err() != nil, errors.Is(s.err, errTimeout), errors.Is(s.err, errDisk), errors.Is(s.err, errOutput):
		return
	case s.err != nil:
		found.Found = s.failure() + " without the files that it leaves out: " + r.secrets.mask(s.output.tail())
	case len(lost) > 0:
		found.Found = "no sidecar " + strings.Join(lost, ", ") + " without the files that it leaves out"
	default:
		return
	}
	found.Right = "all files in include_files that bin/supply needs: a package has nothing else"
	r.into.Add(finding.IncludeIncomplete, found)
}

func copyFiles(ctx context.Context, from, to string, names []string) error {
	for _, name := range names {
		target := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := files.CopyFile(ctx, filepath.Join(from, name), target); err != nil {
			return err
		}
	}
	return nil
}
