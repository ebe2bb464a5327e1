// Package controller predicts what Cloud Controller does with an app that has sidecars: what it
// stores, what it runs, and what it rejects, in its own words, in this push and in the next one. It
// asks no Cloud Controller; it is tested against the answers of a real one.
package controller

import (
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// WebProcess is the process type that every app has.
const WebProcess = "web"

// DefaultMemory is the platform's default for a process without a memory setting, unless the
// operator has changed it.
const DefaultMemory = 1024 * memory.Size(1)

// An App is what the developer asks the platform for: the app manifest, overridden by the command
// line.
type App struct {
	Processes []AppProcess
	// Sidecars are those in the manifest.
	Sidecars []AppSidecar
	// Dropped lists what Cloud Controller silently drops from the manifest's sidecars (CF-31).
	Dropped sidecar.Problems
}

// An AppProcess is what the manifest and the command line set for one process type. What they do
// not set stays as stored, or is the platform's default for a new process.
type AppProcess struct {
	Type      string
	Command   *string     // nil: not set; empty: the droplet's
	Memory    memory.Size // 0: not set
	Instances *int        // nil: not set
	// LogRate is how many bytes a second an instance may log, or -1 for no limit; nil: not set.
	LogRate   *int64
	Check     AppCheck
	Readiness AppCheck // Timeout does not apply
}

// CheckType is how the platform finds out whether an instance is healthy.
type CheckType string

// The types of a health check, as Cloud Controller spells them.
const (
	CheckPort    CheckType = "port"
	CheckHTTP    CheckType = "http"
	CheckProcess CheckType = "process"
)

// An AppCheck is the settings of a health check. Nil and empty mean not set; times are in seconds.
type AppCheck struct {
	Type              CheckType
	Endpoint          *string
	Timeout           *int
	InvocationTimeout *int
	Interval          *int
}

// An AppSidecar is one of the manifest's sidecars as Cloud Controller reads it, which is less
// strict than its database.
type AppSidecar struct {
	Name, Command string
	ProcessTypes  []TypeName
	Memory        memory.Size // 0: not set
	// MemoryIsText says that the memory is a number in quotes, which cannot be added up.
	MemoryIsText bool
	// Lookup is the database's error if it is asked for processes of these types and some are not
	// text; or empty.
	Lookup string
	At     sidecar.Position
}

// A TypeName is a process type as the manifest names it.
type TypeName struct {
	Text string
	Null bool // no type is named
}

// TypeNames converts types that all have a name.
func TypeNames(types ...string) []TypeName {
	names := make([]TypeName, len(types))
	for i, t := range types {
		names[i] = TypeName{Text: t}
	}
	return names
}
