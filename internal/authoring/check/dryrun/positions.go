package dryrun

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// many is a number of buildpacks for which indexes are padded (CF-02).
const many = 10

// stageAll stages the buildpack in one position after the other. If it fails in front of one other
// buildpack, it is not tried in others.
func (r *run) stageAll(ctx context.Context) error {
	if !r.has("supply") {
		r.onlyLast(ctx)
		return context.Cause(ctx)
	}
	base := r.first(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if base == nil {
		return nil
	}
	r.sidecars = base.sidecarNames()
	all := []func(context.Context, *staged){r.otherStack, r.included, r.only, r.ofMany, r.neighbor, r.twice, r.withoutNetwork}
	if r.Quick {
		all = all[:1]
	}
	for i, next := range all {
		if i > 2 && (r.misplaced || r.into.Has(finding.IndexFixed, "")) {
			break // it fails for the same reason elsewhere
		}
		next(ctx, base)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return nil
}

func (r *run) has(program string) bool {
	return regularfile.Exists(filepath.Join(r.Buildpack, "bin", program))
}

// first stages the buildpack in front of another one, on the default stack, or else on the other
// stack; nil if both fail. If the first staging does not end, it does not try the other.
func (r *run) first(ctx context.Context) *staged {
	var failed *staged
	for _, stack := range stacks {
		s := r.stage(ctx, staging{name: "first of two, on " + stack, buildpacks: []string{r.Buildpack, r.fillers.last}, stack: stack, network: r.Network, index: "0", examine: r.examine})
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(s.err, errTimeout):
			r.refusal(s, finding.StagingFailed)
			return nil
		case s.err != nil && failed == nil:
			failed = s
			continue
		case s.err != nil:
		case failed != nil:
			r.refusal(failed, finding.StagingStack)
			fallthrough
		default:
			r.supported = stack
			return s
		}
	}
	if !r.into.Has(finding.LaunchSyntax, "") { // the reason why it has failed
		r.refusal(failed, finding.StagingFailed)
	}
	return nil
}

func (r *run) otherStack(ctx context.Context, _ *staged) {
	if r.supported != stacks[0] {
		return // it has failed on this stack
	}
	s := r.stage(ctx, staging{name: "first of two, on " + stacks[1], buildpacks: []string{r.Buildpack, r.fillers.last}, stack: stacks[1], network: r.Network, index: "0", examine: r.examine})
	if !r.refusal(s, finding.StagingStack) {
		if lost := s.missing(r.sidecars); len(lost) > 0 {
			r.into.Add(finding.StagingStack, finding.Finding{Staging: s.name, Found: "no sidecar " + strings.Join(lost, ", ") + " in the staging result"})
		}
	}
}

// canBeLast reports whether a buildpack can finalize.
func (r *run) canBeLast() bool { return r.has("finalize") || r.has("compile") }

func (r *run) only(ctx context.Context, _ *staged) {
	if !r.canBeLast() {
		return
	}
	s := r.stage(ctx, staging{name: "the only one", buildpacks: []string{r.Buildpack}, stack: r.supported, network: r.Network, index: "0", examine: r.examineLast})
	if r.refusal(s, finding.StagingPosition) {
		return
	}
	r.compare(s, "0")
	for _, name := range s.sidecarNames() {
		if !slices.Contains(r.sidecars, name) {
			r.into.Add(finding.StagingPosition, finding.Finding{
				Staging: s.name, Found: "the sidecar " + name + ", which is not in the staging result in front of another buildpack, where only supply runs",
				Right: "launch.yml from bin/supply: the platform runs bin/finalize of the last buildpack alone",
			})
		}
	}
	if !r.has("release") {
		r.into.Add(finding.NotLast, finding.Finding{Found: "no bin/release, which runs unless supply or finalize has written a launch.yml"})
	}
}

// onlyLast stages a buildpack without bin/supply as the only one, so that its bin/compile runs.
func (r *run) onlyLast(ctx context.Context) {
	if r.canBeLast() {
		r.refusal(r.stage(ctx, staging{name: "the only one", buildpacks: []string{r.Buildpack}, stack: r.supported, network: r.Network, index: "0", examine: r.examineLast}), finding.StagingFailed)
	}
}

// ofMany stages it as first, middle and last of ten.
func (r *run) ofMany(ctx context.Context, _ *staged) {
	for _, at := range []struct {
		name  string
		index int
	}{{"first", 0}, {"middle", many / 2}, {"last", many - 1}} {
		last := at.index == many-1
		if last && !r.canBeLast() {
			continue
		}
		buildpacks := slices.Repeat([]string{r.fillers.filler}, many)
		buildpacks[many-1] = r.fillers.last
		buildpacks[at.index] = r.Buildpack
		examine := r.examine
		if last {
			examine = r.examineLast
		}
		index := fmt.Sprintf("%02d", at.index)
		s := r.stage(ctx, staging{name: at.name + " of ten", buildpacks: buildpacks, stack: r.supported, network: r.Network, index: index, examine: examine})
		if ctx.Err() != nil {
			return
		}
		known := r.into.Has(finding.WritesDeps, "")
		if r.misplaced = r.refusal(s, finding.StagingPosition) || !known && r.into.Has(finding.WritesDeps, ""); r.misplaced {
			return
		}
		r.compare(s, index)
	}
}

// compare finds sidecars that are lost in a position.
func (r *run) compare(s *staged, index string) {
	lost := s.missing(r.sidecars)
	if len(lost) == 0 {
		return
	}
	id := finding.StagingPosition
	if number, _ := strconv.Atoi(index); strconv.Itoa(number) != index {
		id = finding.IndexPadding
	}
	if !r.into.Has(id, "") {
		r.into.Add(id, finding.Finding{File: "deps/" + index + "/launch.yml", Written: true, Staging: s.name, Found: "no sidecar " + strings.Join(lost, ", ") + " in the staging result"})
	}
}

// neighbor stages it after a buildpack with sidecars of the same names.
func (r *run) neighbor(ctx context.Context, base *staged) {
	if len(r.sidecars) == 0 || r.fillers.name(r.sidecars) != nil {
		return
	}
	s := r.stage(ctx, staging{name: "second, after a buildpack with the same sidecars", buildpacks: []string{r.fillers.neighbor, r.Buildpack, r.fillers.last}, stack: r.supported, network: r.Network, index: "1"})
	if s.err != nil {
		return // it has refused the names
	}
	for _, process := range s.launched {
		if slices.Contains(r.sidecars, process.Type) && process.Command != neighborName && !s.mentions(process.Type, base) {
			r.into.Add(finding.NeighborReplaced, finding.Finding{Staging: s.name, Found: "the sidecar " + process.Type + " of the earlier buildpack is gone, and the log does not tell"})
		}
	}
}

// mentions reports whether the log has a line about a sidecar that an earlier staging's log does
// not have.
func (s *staged) mentions(sidecar string, base *staged) bool {
	before := base.output.lines()
	return slices.ContainsFunc(s.output.lines(), func(line string) bool {
		return strings.Contains(line, sidecar) && !slices.Contains(before, line) && !slices.Contains(before, strings.ReplaceAll(line, "/1", "/0"))
	})
}

// twice stages a push that names it twice.
func (r *run) twice(ctx context.Context, _ *staged) {
	s := r.stage(ctx, staging{name: "first and second, named twice", buildpacks: []string{r.Buildpack, r.Buildpack, r.fillers.last}, stack: r.supported, network: r.Network, index: "1"})
	r.refusal(s, finding.NeighborFails)
}

// withoutNetwork finds out whether a buildpack that may use the network needs it.
func (r *run) withoutNetwork(ctx context.Context, _ *staged) {
	if !r.Network || !r.Stager.Sealed {
		return
	}
	s := r.stage(ctx, staging{name: "first of two, without network", buildpacks: []string{r.Buildpack, r.fillers.last}, stack: r.supported, index: "0"})
	r.refusal(s, finding.StagingNetwork)
}
