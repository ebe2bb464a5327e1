package keep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// fetch asks one source for its part of an answer.
func (k *Keeper) fetch(ctx context.Context, from *source, s *Subject) error {
	fetching := &s.parts[from.index].fetching
	fetching.Lock()
	defer fetching.Unlock()
	ctx, cancel := context.WithTimeout(ctx, k.options.Timeout)
	defer cancel()
	origin := from.origin()
	previous := s.previous(from.index)
	answer, version, err := guarded(ctx, origin, s.Request, previous)
	if errors.Is(err, environment.ErrUnchanged) && previous != "" {
		s.unchanged(from.index)
		k.confirm(origin, s)
		return nil
	}
	if err == nil && weight(answer) > k.limit(s) {
		err = fmt.Errorf("the answer is larger than %d MB", k.limit(s)>>20)
	}
	changed := false
	if err == nil {
		changed, err = s.good(from.index, answer, version)
	}
	if err != nil {
		s.fail(from.index, err)
		return err
	}
	if changed {
		from.changed.Store(true)
		k.report(s)
	}
	k.save(origin, s, answer, version)
	return nil
}

// limit returns the largest weight of one source's part of an answer.
func (k *Keeper) limit(s *Subject) int {
	if s == k.main {
		return environment.MaxBytes
	}
	return maxBytes
}

// guarded calls Fetch, and turns a panic into an error: no library may end the program, whatever bytes it gets.
func guarded(ctx context.Context, origin *Origin, request environment.Request, previous string) (_ environment.Environment, _ string, err error) {
	defer func() {
		if recover() != nil { // its text may contain parts of the answer
			err = errors.New("cannot be read: its data is damaged")
		}
	}()
	return origin.Fetch(ctx, request, previous)
}

// fetchAll asks all sources at once, and lets them take their time: all who wait get the same answer.
func (k *Keeper) fetchAll(s *Subject) {
	k.slots <- struct{}{}
	defer func() { <-k.slots }()
	var fetches sync.WaitGroup
	for _, source := range k.sources {
		if source.static && s.Current() != nil {
			continue
		}
		fetches.Go(func() { _ = k.fetch(context.Background(), source, s) }) // the subject records the error
	}
	fetches.Wait()
}

// restore loads the answers of an earlier run.
func (k *Keeper) restore(s *Subject) {
	if k.options.Store == nil {
		return
	}
	for _, source := range k.sources {
		if source.static {
			continue
		}
		kept, err := k.options.Store.Load(source.origin().Identity, s.Request)
		if err != nil {
			k.options.Logf("The kept answer of the source %q is not used: %s.", source.Name(), err)
		} else if kept != nil {
			if err := s.restore(source.index, *kept); err != nil {
				k.options.Logf("The kept answer of the source %q is not used: %s", source.Name(), sentence(err))
			}
		}
	}
}

func (k *Keeper) save(origin *Origin, s *Subject, answer environment.Environment, version string) {
	if k.options.Store == nil || origin.Static {
		return
	}
	kept := Kept{Identity: origin.Identity, Request: s.Request, SourceVersion: version, Environment: answer}
	if err := k.options.Store.Save(kept); err != nil {
		k.options.Logf("The answer of the source %q is not kept for the next start: %s.", origin.Name(), err)
	}
}

func (k *Keeper) confirm(origin *Origin, s *Subject) {
	if k.options.Store != nil && !origin.Static {
		k.options.Store.Confirm(origin.Identity, s.Request)
	}
}

// close closes a source, if it can be closed.
func (k *Keeper) close(origin *Origin) {
	closer, ok := origin.Source.(io.Closer)
	if !ok {
		return
	}
	if err := closer.Close(); err != nil {
		k.options.Logf("The source %q cannot be closed: %s", origin.Name(), sentence(err))
	}
}
