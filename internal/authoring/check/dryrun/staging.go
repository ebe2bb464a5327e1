package dryrun

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/paketo-buildpacks/packit/v2/chronos"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/droplets"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/stage"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// The reasons for stopping a staging.
var (
	errTimeout = errors.New("it has not ended in time")
	errOutput  = fmt.Errorf("it has written more than %d MB of output", maxOutput>>20)
	errDisk    = fmt.Errorf("it has written more than %d MB of files", maxDisk>>20)
)

// A staging describes one staging.
type staging struct {
	name       string // its name in findings
	buildpacks []string
	stack      string
	network    bool
	index      string // that of the checked buildpack
	examine    func(stage.Files, *staged)
}

// A staged is the result of a staging.
type staged struct {
	staging
	err      error // nil if it has succeeded
	output   *output
	launched []launch.Process // of the staging result (CF-12)
}

// stage runs one staging, until it ends or is stopped.
func (r *run) stage(ctx context.Context, s staging) *staged {
	if r.Progress != nil {
		r.Progress(s.name)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	limited, end := context.WithTimeoutCause(ctx, r.Timeout, errTimeout)
	defer end()
	result := &staged{staging: s, output: &output{secrets: &r.secrets, exceeded: func() { stop(errOutput) }}}
	r.Stager.Network = s.network
	r.Stager.Examine = func(files stage.Files) {
		if s.examine != nil {
			s.examine(files, result)
		}
	}
	defer watchDisk(r.Stager.TempDir, func() { stop(errDisk) })()
	into := droplets.Droplet(filepath.Join(r.work, "droplet"))
	app := push.Application{
		Name: appName, Path: r.app, Stack: s.stack, Buildpacks: s.buildpacks, Strict: true,
		Environment: r.secrets.environment, BoundServices: string(r.secrets.services),
	}
	if r.Stager.Sealed {
		app.Environment["HOME"] = "/home/vcap"
	}
	result.err = r.Stager.Stage(limited, app, into, show.NewLog(result.output, chronos.DefaultClock))
	if result.err == nil {
		result.launched, result.err = into.Staged()
	}
	return result
}

// sidecarNames returns the sidecars of the staging result.
func (s *staged) sidecarNames() (names []string) {
	for _, process := range s.launched {
		if process.SidecarFor != nil {
			names = append(names, process.Type)
		}
	}
	return names
}

// networkSays are texts that programs print if there is no network, in lower case.
var networkSays = []string{
	"could not resolve", "unable to resolve", "name resolution", "name or service not known", "network is unreachable", "no such host",
	"getaddrinfo", "connect: connection refused", "failed to open tcp connection", "failed to connect to", "couldn't connect to", "unknownhostexception", "proxyconnect", "dial tcp",
	"scripts: exit status 6", // of a silent curl
}

// refusal adds a finding for a failed staging; it returns false for a successful one.
func (r *run) refusal(s *staged, id string) bool {
	found := finding.Finding{Staging: s.name, Found: s.failure()}
	switch {
	case s.err == nil:
		return false
	case errors.Is(s.err, errTimeout):
		found.Found = fmt.Sprintf("no end after %s", r.Timeout)
		id = finding.StagingTimeout
	case errors.Is(s.err, errDisk), errors.Is(s.err, errOutput):
		found.Found, id = s.err.Error(), finding.StagingExcess
	case !s.network && r.Stager.Sealed && s.output.has(networkSays...):
		id = finding.StagingNetwork
	}
	if said := s.output.tail(); said != "" {
		found.Found += ": " + r.secrets.mask(said)
	}
	r.into.Add(id, found)
	return true
}

// failure describes how a staging has failed.
func (s *staged) failure() string {
	var failed *stage.StagingError
	if errors.As(s.err, &failed) {
		return fmt.Sprintf("exit status %d", failed.Status)
	}
	if s.err != nil {
		return s.err.Error()
	}
	return ""
}

// missing returns the sidecars of a list that are missing in the staging result. The list comes from
// a staging as first of two: a name may have the index 0 in it.
func (s *staged) missing(sidecars []string) (lost []string) {
	now := s.sidecarNames()
	for _, name := range sidecars {
		if !slices.Contains(now, name) && !slices.Contains(now, strings.Replace(name, "0", s.index, 1)) {
			lost = append(lost, name)
		}
	}
	return lost
}
