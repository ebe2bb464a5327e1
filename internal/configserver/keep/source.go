package keep

import (
	"strings"
	"sync/atomic"
	"unicode"
)

// A source is an origin that another one may replace.
type source struct {
	index  int
	static bool
	now    atomic.Pointer[Origin]
	reason atomic.Pointer[string] // why it is down; nil if it is not
	// changed says that it has given another answer since it was last asked for all that is in use.
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

// failed notes that it is down, and says whether that is worth a line: it was not down before, or
// for another reason. Numbers make no difference: a port is another one each time.
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

// answered notes that it is not down, and says whether it was before.
func (s *source) answered() bool { return s.reason.Swap(nil) != nil }
