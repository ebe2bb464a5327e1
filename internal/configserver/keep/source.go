package keep

import "sync/atomic"

// source is an origin that can be replaced.
type source struct {
	index  int
	static bool
	now    atomic.Pointer[Origin]
	outage problem
	// settings is why the settings cannot be read again. Only the source's poll uses it.
	settings problem
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
func (s *source) isDown() bool         { return s.outage.persists() }
