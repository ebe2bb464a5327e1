//go:build !linux

package cell

// orphansOf has no equal here: what leaves its process group is not found.
func orphansOf(*Cell) []int { return nil }
