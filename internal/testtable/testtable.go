// Package testtable goes through the tables of specs.
package testtable

import (
	"cmp"
	"iter"
	"maps"
	"slices"
)

// Sorted goes through a table in the order of its keys. A loop that makes specs needs a table whose order is always the
// same: package spec runs the function that makes them once to list them and once more for each, and finds a spec by how many
// come before it. In a loop over the map itself, specs run under another's name, some twice and some never.
func Sorted[K cmp.Ordered, V any](table map[K]V) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(table)) {
			if !yield(key, table[key]) {
				return
			}
		}
	}
}
