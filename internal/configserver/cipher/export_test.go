package cipher

import (
	"maps"
	"slices"
)

// Remembered returns the values that a reader would not decrypt again.
func (r *Reader) Remembered() []string { return slices.Collect(maps.Values(r.last)) }
