package memory

import "math"

// Budget is one process's memory and the share that each of its sidecars
// reserves; a sidecar that reserves none has the share 0.
type Budget struct {
	Process  Size
	Sidecars []Size
}

// Reserved is the sum of the sidecars' shares. One that is beyond any size that
// can be stored stays at the greatest: it fits nowhere, either.
func (b Budget) Reserved() Size {
	var sum Size
	for _, share := range b.Sidecars {
		sum = add(sum, share)
	}
	return sum
}

// Fits tells whether the platform would accept the budget: the sidecars'
// shares must stay below the process's memory; equal is too much (CF-33).
func (b Budget) Fits() bool {
	return b.Reserved() < b.Process
}

// AppLimit is what is left for the app's own process, and what its MEMORY_LIMIT
// says (CF-22). It is above zero where the budget fits.
func (b Budget) AppLimit() Size {
	return add(b.Process, -max(b.Reserved(), -math.MaxInt64))
}

// SidecarLimit is the MEMORY_LIMIT of a sidecar with this share: the
// share, or the whole process's memory if it is 0 (CF-23).
func (b Budget) SidecarLimit(share Size) Size {
	if share == 0 {
		return b.Process
	}
	return share
}

// add adds two sizes without overflow. A size may be below zero: of what another
// buildpack reserves, the platform checks nothing (CF-37).
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
