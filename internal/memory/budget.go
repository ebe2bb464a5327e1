package memory

import "math"

// Budget is a process's memory, and the share that each of its sidecars reserves; 0 for a sidecar
// that reserves none.
type Budget struct {
	Process  Size
	Sidecars []Size
}

// Reserved returns the sum of the sidecars' shares. If it overflows, it is the maximum, which does
// not fit anywhere either.
func (b Budget) Reserved() Size {
	var sum Size
	for _, share := range b.Sidecars {
		sum = add(sum, share)
	}
	return sum
}

// Fits reports whether the platform would accept the budget: the sum of the sidecars' shares must
// be below the process's memory; equal is too much (CF-33).
func (b Budget) Fits() bool {
	return b.Reserved() < b.Process
}

// AppLimit returns what is left for the app's own process, its MEMORY_LIMIT (CF-22). It is above
// zero if the budget fits.
func (b Budget) AppLimit() Size {
	return add(b.Process, -max(b.Reserved(), -math.MaxInt64))
}

// SidecarLimit returns the MEMORY_LIMIT of a sidecar with this share: the share, or the whole
// process's memory if it is 0 (CF-23).
func (b Budget) SidecarLimit(share Size) Size {
	if share == 0 {
		return b.Process
	}
	return share
}

// add adds two sizes without overflow. A size may be negative: the platform does not check what
// other buildpacks reserve (CF-37).
func add(a, b Size) Size {
	switch sum := a + b; {
	case a > 0 && b > 0 && sum < 0:
		return math.MaxInt64
	case a < 0 && b < 0 && sum >= 0:
		return math.MinInt64
	default:
		return sum
	}
}
