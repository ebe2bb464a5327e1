package configserver

import (
	"runtime/debug"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
)

const (
	// gcPercent is twice Go's own: each answer leaves half as much again for the garbage collector as a bare
	// handler does, and the heap is small.
	gcPercent = 200
	// memoryLimit has the garbage collector run more often before the program takes more than is reserved. It
	// counts where GOMEMLIMIT, which the buildpack sets from what is reserved, is not set.
	memoryLimit = 28 << 20
	// ownPages are those of the program itself that are resident. Go's limit does not count them.
	ownPages = 10 << 20
	// leastLimit is enough for a small configuration.
	leastLimit = 12 << 20
)

// limitMemory sets GOGC if the environment does not, and has the program's own pages count for Go's limit.
func limitMemory(environ []string) {
	if env.Get(environ, "GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	limit := int64(memoryLimit)
	if env.Get(environ, "GOMEMLIMIT") != "" {
		limit = debug.SetMemoryLimit(-1) // as Go has read it
	}
	debug.SetMemoryLimit(max(limit-ownPages, leastLimit))
}
