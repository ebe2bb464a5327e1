package memory

// Budget is one process's memory and the share that each sidecar beside it
// reserves; a sidecar that reserves none has the share 0.
type Budget struct {
	Process  Size
	Sidecars []Size
}

// Reserved is the sum of the sidecars' shares.
func (b Budget) Reserved() Size {
	var sum Size
	for _, share := range b.Sidecars {
		sum += share
	}
	return sum
}

// Fits tells whether the platform would accept the budget: the sidecars'
// shares must stay below the process's memory; equal is too much (PR-33).
func (b Budget) Fits() bool {
	return b.Reserved() < b.Process
}

// App is what is left for the app's own process, and what its MEMORY_LIMIT
// says (PR-22). It is above zero where the budget fits.
func (b Budget) App() Size {
	return b.Process - b.Reserved()
}

// Sidecar is what the MEMORY_LIMIT of a sidecar with this share says: the
// share, or the whole process's memory where there is none (PR-23).
func (b Budget) Sidecar(share Size) Size {
	if share == 0 {
		return b.Process
	}
	return share
}
