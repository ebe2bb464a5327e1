// Package sidecar knows what a sidecar is: how it is written down in each of
// the places that may declare one, what it defaults to, and which rules of the
// platform it has to keep.
package sidecar

import "github.com/cloudfoundry-community/sidecar-buildpack/memory"

// Limits that Cloud Controller sets, in characters (PR-27).
const (
	MaxNameLength        = 255
	MaxCommandLength     = 4096
	MaxProcessTypeLength = 255
)

// A Definition is one sidecar, complete and valid.
type Definition struct {
	// Name is unique among the app's sidecars. Any character is allowed (PR-27).
	Name string
	// Command is run by bash in the app's directory. It is empty only where
	// Executable says what to run.
	Command string
	// ProcessTypes are the processes that the sidecar runs beside, at least one,
	// none twice (PR-28).
	ProcessTypes []string
	// Memory is what is reserved for the sidecar in the container of each of
	// its processes; 0 reserves none (PR-29).
	Memory memory.Size
	// Executable is the file name of a program that the buildpack brings, or
	// empty where the app brings its own.
	Executable string
	// At is where the sidecar was named.
	At Position
}
