package onchange

import "syscall"

// The variables that the buildpack sets for a sidecar with on-change.
const (
	// Variable says what to do, in JSON: {"signal": "HUP"}, or {"post":
	// "http://127.0.0.1:8080/actuator/refresh"}. A path alone means the app at its PORT.
	Variable = "SIDECAR_ON_CHANGE"
	// ProcessesVariable is the path of a file with the app's process ids, one per line.
	ProcessesVariable = "SIDECAR_APP_PROCESSES"
)

// Action is what to do when the configuration changes.
type Action struct {
	signal    syscall.Signal
	name      string // of the signal
	processes string // path of the file
	address   string // to POST to; empty for a signal
}
