// Package check checks any sidecar buildpack against the platform's rules: its files, and its
// behavior when it stages an app.
package check

import (
	"context"
	"errors"
	"net/url"
	"path/filepath"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/dryrun"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/packaged"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/report"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/source"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
)

// Options select the checks, and how to run them.
type Options struct {
	// Buildpack is a directory, a zip, or the address of a zip or a git repository.
	Buildpack string
	// Static runs none of the buildpack's programs.
	Static bool
	// Staging has the options for stagings; its Buildpack is ignored.
	Staging dryrun.Options
}

// Run checks a buildpack. The error says why it could not be checked; its problems are in the
// report. Run leaves no files or processes behind.
func Run(ctx context.Context, options Options) (found report.Report, err error) {
	work, remove, err := options.Staging.Stager.Workspace("buildpack")
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	found.Buildpack = options.Buildpack
	if address, err := url.Parse(options.Buildpack); err == nil && address.IsAbs() {
		found.Buildpack = redact.Address(options.Buildpack)
	}
	var all finding.List
	directory, err := source.Open(ctx, options.Buildpack, work)
	var unsafe *source.ArchiveError
	if errors.As(err, &unsafe) {
		all.Add(finding.ArchiveUnsafe, finding.Finding{Found: unsafe.Found})
		found.Findings = all.All()
		return found, nil
	}
	if err != nil {
		return found, err
	}
	if directory, err = filepath.Abs(directory); err != nil {
		return found, err
	}
	unbuilt, err := packaged.Check(directory, &all)
	if err != nil {
		return found, err
	}
	switch {
	case options.Static:
	case unbuilt != nil && !(options.Staging.Network && buildsItself(*unbuilt)):
		all.Add(finding.NotBuilt, *unbuilt)
	case runnable(&all):
		staging := options.Staging
		staging.Buildpack = directory
		progress := staging.Progress
		staging.Progress = func(name string) {
			found.Stagings = append(found.Stagings, name)
			if progress != nil {
				progress(name)
			}
		}
		if err := dryrun.Run(ctx, staging, &all); err != nil {
			return found, err
		}
		found.Stagings = slices.Compact(found.Stagings)
	}
	found.Findings = all.All()
	found.Incomplete = all.Has(finding.StagingNetwork, "") && !options.Staging.Network
	return found, nil
}

// buildsItself reports whether a buildpack builds its programs during staging, if it has a network.
func buildsItself(unbuilt finding.Finding) bool { return unbuilt.File == "bin/supply" }

// runnable reports whether staging can find more than the files show.
func runnable(found *finding.List) bool {
	for _, id := range []string{finding.SupplyMissing, finding.NotExecutable, finding.CannotRun, finding.SpecialFile, finding.ScriptSyntax} {
		if found.Has(id, "") {
			return false
		}
	}
	return true
}
