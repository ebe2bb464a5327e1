package keep

import (
	"strings"
	"sync/atomic"
	"unicode"
)

// source is an origin that can be replaced.
type source struct {
	index  int
	static bool
	now    atomic.Pointer[Origin]
	reason atomic.Pointer[string] // why it is down; nil if it is up
	// changed means that some answer has changed since the last round.
	changed atomic.Bool
}

func newSource(index int, origin Origin) *source {
	s := &source{index: index, static: origin.Static}
	s.now.Store(&origin)
	return s
}

func (s *source) origin() *Origin      { return s.now.Load() }
func (s *source) replace(next *Origin) { s.now.Store(next) }
func (s *source) Name() string         { return s.origin().Name() }
func (s *source) isDown() bool         { return s.reason.Load() != nil }

// failed records that the source is down, and reports whether to log that: it was up before, or down for another
// reason. Numbers are ignored in the comparison, since ports differ each time.
func (s *source) failed(err error) bool {
	reason := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, err.Error())
	last := s.reason.Swap(&reason)
	return last == nil || *last != reason
}

// answered records that the source is up, and reports whether it was down before.
func (s *source) answered() bool { return s.reason.Swap(nil) != nil }
