package sidecar

// Limits that Cloud Controller sets, in characters (CF-27).
const (
	MaxNameLength        = 255
	MaxCommandLength     = 4096
	MaxProcessTypeLength = 255
)

// DefaultProcessType is the process that a sidecar runs beside when nothing
// else is said.
const DefaultProcessType = "web"

// maxURILength is the most characters of a URI or a path.
const maxURILength = 4096
