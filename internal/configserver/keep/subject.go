package keep

import (
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// Subject is a request with its last answer.
type Subject struct {
	Request  environment.Request
	rules    *rules
	parts    []*part // one for each source, in order of precedence
	snapshot atomic.Pointer[Snapshot]
	gone     chan struct{}
	waiting  atomic.Int32                                                          // clients that wait for a change
	form     func(environment.Environment) ([]byte, []environment.Omission, error) // may be nil

	decrypt Decrypter  // may be nil; making guards it
	making  sync.Mutex // held while an answer is made, so that /health need not wait; lock before mutex
	mutex   sync.Mutex
	changed chan struct{}
	used    time.Time
}

// rules is what all subjects share.
type rules struct {
	clock        clock.Clock
	newDecrypter func() Decrypter // may be nil
	static       []bool           // for each source: its answers never change
}

// part is the last good answer of one source. The subject's mutex guards all fields but fetching; good changes
// only while making is held, too.
type part struct {
	fetching sync.Mutex // held while the source is asked

	good      *environment.Environment // nil if the source has never answered
	version   string                   // the source's version of good
	confirmed time.Time
	kept      bool  // good comes from an earlier run
	failed    error // of the last fetch
	unfetched bool  // not asked yet in this run
}

func newSubject(request environment.Request, rules *rules) *Subject {
	s := &Subject{Request: request, rules: rules, gone: make(chan struct{}), changed: make(chan struct{})}
	if rules.newDecrypter != nil {
		s.decrypt = rules.newDecrypter()
	}
	for range rules.static {
		s.parts = append(s.parts, &part{unfetched: true})
	}
	return s
}

// Current returns the last good answer, or nil until every source has given one.
func (s *Subject) Current() *Snapshot { return s.snapshot.Load() }

// Changed returns a channel that is closed when the answer next changes. Call it before Current, so as not to
// miss a change.
func (s *Subject) Changed() <-chan struct{} {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.changed
}

// Gone returns a channel that is closed when the answer is dropped in favor of others that are requested more
// often.
func (s *Subject) Gone() <-chan struct{} { return s.gone }

// Await keeps the answer up to date for a client that waits for a change, until the returned function is called.
func (s *Subject) Await() (done func()) {
	s.waiting.Add(1)
	return func() { s.waiting.Add(-1) }
}

func (s *Subject) touch(now time.Time) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.used = now
}

func (s *Subject) lastUsed() time.Time {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.used
}

// previous returns the version to pass to a source.
func (s *Subject) previous(index int) string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.parts[index].version
}

// weight estimates how many bytes the answers of the sources take.
func (s *Subject) weight() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	bytes := 0
	for _, p := range s.parts {
		if p.good != nil {
			bytes += weight(*p.good)
		}
	}
	return bytes
}

// good records an answer of a source, and reports whether it differs from the last one. If the combined answer
// cannot be served with it, only the error changes.
func (s *Subject) good(index int, answer environment.Environment, version string) (changed bool, err error) {
	s.making.Lock()
	defer s.making.Unlock()
	p := s.parts[index]
	same := p.good != nil && reflect.DeepEqual(*p.good, answer)
	var made *Answer
	if !same {
		if made, err = s.make(index, &answer); err != nil {
			return false, err
		}
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if !same {
		p.good = &answer
	}
	p.version = version
	s.confirmLocked(p)
	s.publishLocked(made)
	return !same, nil
}

// unchanged records that a source's last answer is current.
func (s *Subject) unchanged(index int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.confirmLocked(s.parts[index])
}

func (s *Subject) confirmLocked(p *part) {
	p.confirmed, p.kept, p.failed, p.unfetched = s.rules.clock.Now(), false, nil, false
	s.refreshLocked()
}

// fail records that a source could not be asked. Its last good answer remains.
func (s *Subject) fail(index int, err error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.parts[index].failed, s.parts[index].unfetched = err, false
	s.refreshLocked()
}

// restore uses an answer of an earlier run until the source gives one.
func (s *Subject) restore(index int, kept Kept) error {
	s.making.Lock()
	defer s.making.Unlock()
	made, err := s.make(index, &kept.Environment)
	if err != nil {
		return err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	p := s.parts[index]
	p.good, p.version, p.kept = &kept.Environment, kept.SourceVersion, true
	now := s.rules.clock.Now()
	// From here on, use the monotonic clock, whatever happens to the wall clock.
	p.confirmed = now.Add(-max(0, now.Round(0).Sub(kept.Confirmed)))
	s.publishLocked(made)
	return nil
}

// make combines the answers of all sources, with next as that of one of them. It returns nil until every source
// has answered. The caller must hold making, which guards changes of good answers.
func (s *Subject) make(index int, next *environment.Environment) (*Answer, error) {
	var all []environment.Environment
	for i, p := range s.parts {
		one := p.good
		if i == index {
			one = next
		}
		if one == nil {
			return nil, nil
		}
		all = append(all, *one)
	}
	answer := &Answer{Environment: merge(s.Request, all)}
	if s.decrypt != nil {
		answer.Environment, answer.Undecrypted = s.decrypt(answer.Environment)
	}
	if s.form == nil {
		return answer, nil
	}
	var err error
	if answer.Form, answer.Omitted, err = s.form(answer.Environment); err != nil {
		return nil, fmt.Errorf("its answer cannot be served: %.300s", err) // keys may be long
	}
	return answer, nil
}

// publishLocked starts serving an answer, if there is one.
func (s *Subject) publishLocked(answer *Answer) {
	if answer == nil {
		return
	}
	s.snapshot.Store(s.snapshotLocked(answer))
	close(s.changed)
	s.changed = make(chan struct{})
}

// refreshLocked updates the age of the current answer.
func (s *Subject) refreshLocked() {
	if last := s.snapshot.Load(); last != nil {
		s.snapshot.Store(s.snapshotLocked(last.Answer))
	}
}

func (s *Subject) snapshotLocked(answer *Answer) *Snapshot {
	next := &Snapshot{Answer: answer}
	for i, p := range s.parts {
		if s.rules.static[i] {
			continue
		}
		if next.Confirmed.IsZero() || p.confirmed.Before(next.Confirmed) {
			next.Confirmed = p.confirmed
		}
		next.Outdated = next.Outdated || p.kept || p.failed != nil
	}
	return next
}
