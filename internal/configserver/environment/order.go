package environment

import (
	"maps"
	"slices"
)

// Keys returns the keys of the source without duplicates: first those in Order, then the others, sorted.
func (p PropertySource) Keys() []string {
	keys := make([]string, 0, len(p.Source))
	seen := make(map[string]bool, len(p.Order))
	for _, key := range p.Order {
		if _, ok := p.Source[key]; ok && !seen[key] {
			keys = append(keys, key)
			seen[key] = true
		}
	}
	if len(keys) == len(p.Source) {
		return keys
	}
	for _, key := range slices.Sorted(maps.Keys(p.Source)) {
		if !seen[key] {
			keys = append(keys, key)
		}
	}
	return keys
}
