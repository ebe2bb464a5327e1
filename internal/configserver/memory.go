package configserver

import (
	"runtime/debug"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
)

const (
	// gcPercent is twice Go's default: each answer leaves half as much garbage again as a bare handler does, and
	// the heap is small.
	gcPercent = 200
	// memoryLimit makes the garbage collector run more often before the program exceeds its reservation. It
	// applies if GOMEMLIMIT is not set; the buildpack sets that from the reservation.
	memoryLimit = 28 << 20
	// ownPages estimates the program's own resident pages, which Go's limit does not count.
	ownPages = 10 << 20
	// leastLimit is enough for a small configuration.
	leastLimit = 12 << 20
)

// limitMemory sets GOGC unless the environment does, and subtracts the program's own pages from Go's limit.
func limitMemory(environ []string) {
	if env.Get(environ, "GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	limit := int64(memoryLimit)
	if env.Get(environ, "GOMEMLIMIT") != "" {
		limit = debug.SetMemoryLimit(-1) // as Go read it
	}
	debug.SetMemoryLimit(max(limit-ownPages, leastLimit))
}
