// Package controller is what Cloud Controller makes of an app with sidecars: what it keeps
// on record, what it runs, and what it refuses, in its own words, of this push and of the
// next one. It asks no Cloud Controller; it is tried against the answers of a real one.
package controller

import (
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// launch.WebProcess is the process type that every app has.
const WebProcess = "web"

// DefaultMemory is what the platform gives to a process for which the developer
// states no memory, as it is set up where the operator has changed nothing.
const DefaultMemory = 1024 * memory.Size(1)

// An App is what the developer asks the platform for: the app manifest, with the
// command line over it.
type App struct {
	Processes []AppProcess
	// Sidecars are those of the manifest.
	Sidecars []AppSidecar
	// Dropped is what the manifest's sidecars have and Cloud Controller drops
	// without a word (CF-31).
	Dropped sidecar.Problems
}

// An AppProcess is what the manifest and the command line say of one process
// type. Values that they do not state stay as they are on record, or are the
// platform's defaults for a new process.
type AppProcess struct {
	Type      string
	Command   *string     // nil: not stated; empty: the droplet's
	Memory    memory.Size // 0: not stated
	Instances *int        // nil: not stated
	// LogRate is how many bytes a second an instance may log, -1 for any number;
	// nil: not stated.
	LogRate   *int64
	Check     AppCheck
	Readiness AppCheck // Timeout does not apply
}

// CheckType is how the platform finds out whether an instance is well.
type CheckType string

// The types of a health check, as Cloud Controller spells them.
const (
	CheckPort    CheckType = "port"
	CheckHTTP    CheckType = "http"
	CheckProcess CheckType = "process"
)

// An AppCheck is what is stated of a health check. Nil and empty are not stated;
// times are in seconds.
type AppCheck struct {
	Type              CheckType
	Endpoint          *string
	Timeout           *int
	InvocationTimeout *int
	Interval          *int
}

// An AppSidecar is one of the manifest's sidecars as Cloud Controller has read it,
// which asks less of it than its database does.
type AppSidecar struct {
	Name, Command string
	ProcessTypes  []TypeName
	Memory        memory.Size // 0: not stated
	// MemoryIsText tells of a number in quotes, with which nothing can be added
	// up.
	MemoryIsText bool
	// Lookup is the database's complaint when it is asked for processes of the
	// types, of which some are no text; or empty.
	Lookup string
	At     sidecar.Position
}

// A TypeName is a process type as the manifest names it.
type TypeName struct {
	Text string
	Null bool // nothing is named
}

// TypeNames are those of types that are named.
func TypeNames(types ...string) []TypeName {
	names := make([]TypeName, len(types))
	for i, t := range types {
		names[i] = TypeName{Text: t}
	}
	return names
}
