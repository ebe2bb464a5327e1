// Package testtable iterates over tables of specs.
package testtable

import (
	"cmp"
	"iter"
	"maps"
	"slices"
)

// Sorted iterates over a table in the order of its keys. A loop that makes specs needs a fixed
// order: package spec runs the function with the loop once to list the specs, and again for each
// spec, which it finds by its position. With the random order of a map, specs run under the names
// of others, some twice and some never.
func Sorted[K cmp.Ordered, V any](table map[K]V) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(table)) {
			if !yield(key, table[key]) {
				return
			}
		}
	}
}
