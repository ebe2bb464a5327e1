// Package gitsource has configuration from a git repository, laid out as for Spring's
// configuration server. It speaks https and reads repositories on this machine; ssh would add
// half of its size again.
//
// go-git speaks the protocol and reads objects. Its clone is not used: it inflates each object of a
// repository in memory, keeps the branches of a moment, and follows no shallow clone that was
// rewritten. Instead, what one commit consists of is fetched into a file without a name, whose
// content no other process can open and which is gone with the process.
package gitsource

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springlayout"
)

// Name is how logs, /health and CONFIG_SERVER_SOURCES call the source.
const Name = "git"

// layoutRevision changes with what answers are made of the same files.
const layoutRevision = "1"

// A Source is a repository. Close it to give back the room that it takes on the disk.
type Source struct {
	settings   Settings
	repository repository
	layout     springlayout.Layout
	digest     string        // of all settings that an answer depends on
	turn       chan struct{} // one Fetch at a time
}

// New makes a source. It asks nothing of the repository yet.
func New(settings Settings, options Options) (*Source, error) {
	options.Limits.fill()
	directory := settings.local()
	source := &Source{settings: settings, turn: make(chan struct{}, 1)}
	if directory != "" {
		source.repository = &localRepository{directory: directory, limits: options.Limits}
	} else {
		remote, err := newRemote(settings, options)
		if err != nil {
			return nil, err
		}
		source.repository = remote
		directory = "/tmp/config-repo" // Spring has a name here that is another at each start
	}
	source.layout = springlayout.Layout{
		URI: settings.URI, Directory: strings.TrimRight(directory, "/"),
		SearchPaths: settings.Paths, CloudPlatform: settings.CloudPlatform,
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", []any{layoutRevision, source.layout, settings.Label}))
	source.digest = hex.EncodeToString(sum[:4])
	return source, nil
}

// Name is that of environment.Source.
func (s *Source) Name() string { return Name }

// Close gives back the room on the disk, after the Fetch that is running.
func (s *Source) Close() error {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	return s.repository.Close()
}

// Fetch is that of environment.Source. The version consists of the commit and all else that the answer depends on. A fetch from the
// server goes on after the deadline of ctx, and the next Fetch has its result.
func (s *Source) Fetch(ctx context.Context, request environment.Request, previous string) (environment.Environment, string, error) {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return environment.Environment{}, "", fmt.Errorf("failed to read the git repository: %w", ctx.Err())
	}
	type outcome struct {
		answer  environment.Environment
		version string
		err     error
	}
	done := make(chan outcome, 1)
	work, stop := patient(ctx)
	go func() {
		defer func() { <-s.turn }()
		defer stop()
		answer, version, err := s.fetch(work, request, previous)
		done <- outcome{answer, version, err}
	}()
	select {
	case o := <-done:
		return o.answer, o.version, o.err
	case <-ctx.Done():
		return environment.Environment{}, "", fmt.Errorf("failed to read the git repository in time; the fetch continues: %w", ctx.Err())
	}
}

func (s *Source) fetch(ctx context.Context, request environment.Request, previous string) (answer environment.Environment, version string, err error) {
	refs, err := s.repository.references(ctx)
	if err != nil {
		return answer, "", err
	}
	labels := splitLabels(request.Label)
	commits := make([]plumbing.Hash, len(labels))
	var numbers []string
	for i, label := range labels {
		if commits[i], err = resolve(ctx, s.repository, refs, label, s.settings.Label); err != nil {
			return answer, "", err
		}
		numbers = append(numbers, commits[i].String())
	}
	commit := strings.Join(numbers, ",")
	version = commit + "-" + s.digest
	if version == previous {
		return answer, version, environment.ErrUnchanged
	}
	answer = environment.Environment{Name: request.Application, Profiles: request.Profiles, Version: &commit, State: new(string), PropertySources: []environment.PropertySource{}}
	if request.Label != "" {
		answer.Label = &request.Label
	}
	for i := len(labels) - 1; i >= 0; i-- { // the last label wins
		sources, err := s.read(ctx, refs, commits[i], request, labels[i])
		if err != nil {
			return answer, "", err
		}
		answer.PropertySources = append(answer.PropertySources, sources...)
	}
	return answer, version, nil
}

// read has the property sources of one commit.
func (s *Source) read(ctx context.Context, refs *references, commit plumbing.Hash, request environment.Request, label string) ([]environment.PropertySource, error) {
	objects, err := s.repository.open(ctx, refs, commit)
	if err != nil {
		return nil, err
	}
	root, err := newTree(objects, commit)
	if err != nil {
		return nil, fmt.Errorf("failed to read the commit %s: %w", commit, err)
	}
	sources, err := s.layout.Sources(ctx, root, request, labelOr(label, s.settings.Label))
	if err != nil {
		return nil, fmt.Errorf("failed to read the configuration of the commit %s: %w", commit, err)
	}
	return sources, nil
}

// splitLabels are the labels of a request, with commas in between; one that is empty if there is none.
func splitLabels(label string) []string {
	var labels []string
	for one := range strings.SplitSeq(label, ",") {
		if strings.TrimSpace(one) != "" {
			labels = append(labels, one)
		}
	}
	if len(labels) == 0 {
		return []string{""}
	}
	return labels
}
