package keep

import (
	"context"
	"errors"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// ErrWaiting means that a source has not given its first answer yet.
var ErrWaiting = errors.New("waiting for the first answer of a source")

// Get returns the subject of a request with its last good answer. If that is not known, or not current, it asks
// the sources first. It fails with ErrWaiting, an *environment.NotFoundError, or the error of a source.
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

// upToDate reports whether an answer needs no fetch: it is fresh, or a source is down and the last good one is
// all there is.
func (k *Keeper) upToDate(s *Subject) bool {
	current := s.Current()
	if current == nil {
		return false
	}
	down := slices.ContainsFunc(k.sources, (*source).isDown)
	return down || current.Confirmed.IsZero() || !current.Outdated && current.Age(k.options.Clock.Now()) <= k.options.Interval
}

// subject returns the subject of a request, and marks it as used.
func (k *Keeper) subject(request environment.Request) *Subject {
	k.mutex.Lock()
	s, known := k.subjects[key(request)]
	if !known {
		s = newSubject(request, k.rules)
		k.subjects[key(request)] = s
	}
	k.mutex.Unlock()
	s.touch(k.options.Clock.Now())
	if !known {
		k.restore(s)
	}
	return s
}

// failure returns why a subject has no answer, or nil if it has one.
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

// SourceError says which source failed.
type SourceError struct {
	Source string
	Err    error
}

func (e *SourceError) Error() string { return e.Source + ": " + e.Err.Error() }
func (e *SourceError) Unwrap() error { return e.Err }

// trim drops the least recently used subjects if there are too many, and asked if it has no answer.
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
