package configserver

import (
	"runtime/debug"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
)

const (
	// gcPercent is twice Go's own: each answer leaves half as much again for the garbage collector as a bare
	// handler does, and the heap is small.
	gcPercent = 200
	// memoryLimit has the garbage collector run more often before the program takes more than is reserved.
	memoryLimit = 26 << 20
)

// limitMemory sets what GOGC and GOMEMLIMIT do not. The buildpack sets the latter from what is reserved.
func limitMemory(environ []string) {
	if env.Get(environ, "GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if env.Get(environ, "GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
