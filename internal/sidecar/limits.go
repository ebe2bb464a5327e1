package sidecar

// Limits of Cloud Controller, in characters (CF-27).
const (
	MaxNameLength        = 255
	MaxCommandLength     = 4096
	MaxProcessTypeLength = 255
)

// DefaultProcessType is the process type that a sidecar runs with unless its
// process_types name others.
const DefaultProcessType = "web"

// maxURILength is the longest URI or path, in characters.
const maxURILength = 4096
