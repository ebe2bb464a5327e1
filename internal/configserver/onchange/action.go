package onchange

import "syscall"

// The variables that the buildpack sets for a sidecar with on-change.
const (
	// Variable is what to do, in JSON: {"signal": "HUP"}, or {"post": "http://127.0.0.1:8080/actuator/refresh"}, where
	// a path alone is one of the app's at its PORT.
	Variable = "SIDECAR_ON_CHANGE"
	// ProcessesVariable is the path of a file with the process ids of the app, one a line.
	ProcessesVariable = "SIDECAR_APP_PROCESSES"
)

// An Action is what to do when the configuration has changed.
type Action struct {
	signal    syscall.Signal
	name      string // of the signal
	processes string // the file
	address   string // for a request; empty for a signal
}
