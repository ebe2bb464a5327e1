// Package gitsource reads configuration from a git repository, in the layout of Spring's configuration server.
// It supports http, https and repositories on this machine; ssh would make the program half as large again.
//
// go-git speaks the protocol and reads objects. Its clone is not used: it inflates each object of a repository
// in memory, keeps the branches of that moment, and cannot follow a rewritten shallow clone. Instead, the
// contents of one commit are fetched into a file without a name: no other process can open it, and it disappears
// with the process.
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

// Name is the source's name in logs, /health and CONFIG_SERVER_SOURCES.
const Name = "git"

// layoutRevision changes whenever the same files result in other answers.
const layoutRevision = "2"

// Source reads a repository. Close it to free its disk space.
type Source struct {
	settings   Settings
	repository repository
	layout     springlayout.Layout
	digest     string                                // of all settings that affect answers
	turn       chan struct{}                         // allows one Fetch at a time
	logf       func(format string, arguments ...any) // nil for none
	ignored    ignored
}

// New returns a source. It does not contact the repository yet.
func New(settings Settings, options Options) (*Source, error) {
	options.Limits.fill()
	directory := settings.local()
	source := &Source{settings: settings, turn: make(chan struct{}, 1), logf: options.Logf}
	if directory != "" {
		source.repository = &localRepository{directory: directory, limits: options.Limits}
	} else {
		remote, err := newRemote(settings, options)
		if err != nil {
			return nil, err
		}
		source.repository = remote
		directory = "/tmp/config-repo" // Spring's name differs at each start
	}
	source.layout = springlayout.Layout{
		URI: settings.URI, Directory: strings.TrimRight(directory, "/"),
		SearchPaths: settings.Paths, CloudPlatform: settings.CloudPlatform,
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", []any{layoutRevision, source.layout, settings.Label}))
	source.digest = hex.EncodeToString(sum[:4])
	return source, nil
}

// Name implements environment.Source.
func (s *Source) Name() string { return Name }

// Close frees the disk space once a running Fetch has ended.
func (s *Source) Close() error {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	return s.repository.Close()
}

// Fetch implements environment.Source. The version consists of the commit and everything else that affects the
// answer. A download continues after the deadline of ctx, and the next Fetch returns its result.
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

// read returns the property sources of one commit.
func (s *Source) read(ctx context.Context, refs *references, commit plumbing.Hash, request environment.Request, label string) ([]environment.PropertySource, error) {
	objects, err := s.repository.open(ctx, refs, commit)
	if err != nil {
		return nil, err
	}
	root, err := newTree(objects, commit)
	if err != nil {
		return nil, fmt.Errorf("failed to read the commit %s: %w", commit, err)
	}
	root.ignored = func(path, reason string) {
		if s.logf != nil && s.ignored.isNew(commit, path) {
			s.logf("The source %q ignores %q in the commit %s: %s.", Name, path, commit, reason)
		}
	}
	sources, err := s.layout.Sources(ctx, root, request, labelOr(label, s.settings.Label))
	if err != nil {
		return nil, fmt.Errorf("failed to read the configuration of the commit %s: %w", commit, err)
	}
	return sources, nil
}

// splitLabels splits the label of a request at commas. Without a label, it returns one that is empty.
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
