// Package keep asks the sources of configuration, again and again, and has the last good answer of
// each, also while a source is down and after a restart.
package keep

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// What is kept at once of requests other than the main one.
const (
	maxSubjects = 32
	maxBytes    = 8 << 20
)

// maxAtOnce is how many requests other than the main one have the sources asked at once.
const maxAtOnce = 4

// ErrWaiting says that a source has not given its first answer yet.
var ErrWaiting = errors.New("waiting for the first answer of a source")

// An Origin is a source and what a Keeper needs to know of it.
type Origin struct {
	environment.Source
	// Identity tells its answers from those of other sources in kept files. It has no credential.
	Identity string
	// Static says that its answers never change. It is asked once for each request.
	Static bool
	// Reopen is called after the source could not be asked. It returns another one in its place if
	// the settings have changed, such as a rotated credential, and nil if they have not. It may be nil.
	Reopen func(context.Context) (*Origin, error)
}

// Options are what a Keeper is made of.
type Options struct {
	Sources []Origin // in the order of precedence
	// Main is the app's own request. Its answer is always kept up to date.
	Main environment.Request
	// Interval is how long a source is not asked after it has answered.
	Interval time.Duration
	// Timeout is how long a source has for one answer.
	Timeout time.Duration
	// Store has answers for the next run. It may be nil.
	Store *Store
	// ReadyFromKept says that answers of an earlier run are enough to be ready.
	ReadyFromKept bool
	// Decrypt returns an environment with its values decrypted, and the keys of those that cannot be.
	Decrypt func(environment.Environment) (environment.Environment, []string)
	Clock   clock.Clock
	// Logf writes a line, without a value.
	Logf func(format string, args ...any)
}

// A Keeper has the answers. Its methods may be called at the same time.
type Keeper struct {
	options Options
	sources []*source
	main    *Subject
	flights singleflight.Group
	slots   chan struct{} // of on-demand fetches

	mutex    sync.Mutex
	ready    bool
	subjects map[string]*Subject // all but main
}

// New returns a Keeper that has asked the static sources, and has the answers of an earlier run.
// Run asks the others.
func New(ctx context.Context, options Options) *Keeper {
	k := &Keeper{
		options: options, subjects: map[string]*Subject{}, slots: make(chan struct{}, maxAtOnce),
		main: newSubject(options.Main, len(options.Sources)),
	}
	for i, origin := range options.Sources {
		k.sources = append(k.sources, newSource(i, origin))
	}
	k.restore(k.main)
	for _, source := range k.sources {
		if source.static {
			_ = k.fetch(ctx, source, k.main) // the subject has the error
		}
	}
	return k
}

// Run asks the sources until ctx is done.
func (k *Keeper) Run(ctx context.Context) {
	var polls sync.WaitGroup
	for _, source := range k.sources {
		if !source.static {
			polls.Go(func() { k.poll(ctx, source) })
		}
	}
	polls.Wait()
}

// Main is the app's own request. It may have no answer yet.
func (k *Keeper) Main() *Subject { return k.main }

// Get is a subject that has an answer: the last good one, which is fetched first if it is not
// known or has not been kept up to date. The error is ErrWaiting, an
// *environment.NotFoundError, or that of a source.
func (k *Keeper) Get(ctx context.Context, request environment.Request) (*Subject, error) {
	if key(request) == key(k.options.Main) {
		return k.main, k.failure(k.main)
	}
	s := k.subject(request)
	if k.upToDate(s) {
		return s, nil
	}
	fetched := k.flights.DoChan(key(request), func() (any, error) {
		k.fetchAll(s)
		return nil, nil
	})
	select {
	case <-fetched:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	k.trim(s)
	return s, k.failure(s)
}

// upToDate says that an answer needs no fetch: it is fresh, or the last good one is all there is
// while a source is down.
func (k *Keeper) upToDate(s *Subject) bool {
	current := s.Current()
	if current == nil {
		return false
	}
	down := slices.ContainsFunc(k.sources, (*source).isDown)
	return down || current.Confirmed.IsZero() || !current.Outdated && current.Age(k.options.Clock.Now()) <= k.options.Interval
}

// subject is the one of a request, which is now in use.
func (k *Keeper) subject(request environment.Request) *Subject {
	k.mutex.Lock()
	s, known := k.subjects[key(request)]
	if !known {
		s = newSubject(request, len(k.sources))
		k.subjects[key(request)] = s
	}
	k.mutex.Unlock()
	s.touch(k.options.Clock.Now())
	if !known {
		k.restore(s)
	}
	return s
}

// failure is why a subject has no answer, or nil.
func (k *Keeper) failure(s *Subject) error {
	if s.Current() != nil {
		return nil
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	failure := ErrWaiting
	for i, p := range s.parts {
		if p.good != nil || p.failed == nil {
			continue
		}
		if _, ok := errors.AsType[*environment.NotFoundError](p.failed); ok {
			return p.failed
		}
		failure = &SourceError{k.sources[i].Name(), p.failed}
	}
	return failure
}

// A SourceError says which source could not be asked.
type SourceError struct {
	Source string
	Err    error
}

func (e *SourceError) Error() string { return e.Source + ": " + e.Err.Error() }
func (e *SourceError) Unwrap() error { return e.Err }

// trim forgets the subjects that were not used for longest where there are too many, and one that
// has no answer.
func (k *Keeper) trim(asked *Subject) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if asked.Current() == nil {
		k.forgetLocked(asked)
	}
	for {
		bytes := 0
		var oldest *Subject
		for _, s := range k.subjects {
			bytes += s.weight()
			if oldest == nil || s.lastUsed().Before(oldest.lastUsed()) {
				oldest = s
			}
		}
		if oldest == nil || len(k.subjects) <= maxSubjects && bytes <= maxBytes {
			return
		}
		k.forgetLocked(oldest)
	}
}

func (k *Keeper) forgetLocked(s *Subject) {
	if k.subjects[key(s.Request)] == s {
		delete(k.subjects, key(s.Request))
		close(s.gone)
	}
}

// inUse are the subjects other than main that were asked for lately.
func (k *Keeper) inUse() []*Subject {
	const idle = 5 // intervals
	k.mutex.Lock()
	defer k.mutex.Unlock()
	var all []*Subject
	for _, s := range k.subjects {
		if k.options.Clock.Now().Sub(s.lastUsed()) <= idle*k.options.Interval {
			all = append(all, s)
		}
	}
	return all
}

// key is the same for requests that are.
func key(r environment.Request) string {
	return r.Application + "\x00" + r.Label + "\x00" + strings.Join(r.Profiles, "\x00")
}
