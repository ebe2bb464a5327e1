// Package supervision defines a supervisor's input, the specs of commands, and its output, their
// states, with the files for both. It is for programs that write or read these files; the
// supervisor itself is package supervise.
package supervision

import (
	"fmt"
	"slices"
)

// Limits on how much of each file is read, in bytes: far more than any contains. Any process in the
// app's container can write to them.
const (
	maxSpecs = 64 << 20 // values of environments included
	maxState = 1 << 20
)

// The types of a check.
const (
	CheckHTTP    = "http"    // a GET that is answered with 200, or a status in Check.Status
	CheckPort    = "port"    // a connection to the port or the socket
	CheckProcess = "process" // the process runs
	CheckExec    = "exec"    // a command that exits with status 0
)

// When a command that has ended is restarted.
const (
	RestartNever     = "never"
	RestartOnFailure = "on-failure" // unless its status is 0
	RestartAlways    = "always"
)

// A Spec says how to run a command. The zero value of each field asks for nothing. The tag conf is
// the field's key in the file.
type Spec struct {
	// Name is the command's name, unique within its file.
	Name string `conf:"name"`
	// Env is set in the command's environment, in this order.
	Env []Variable `conf:"env"`
	// EnvFrom is the variable of the environment from which the program sidecar-env (package
	// startenv) reads Env. The file of the specs then contains no Env.
	EnvFrom string `conf:"env-from"`
	// Render has the program sidecar-render (package render) make Env, and the files of FilesPath,
	// before each start of the command. The file of the specs then contains no Env.
	Render bool `conf:"render"`
	// OTelIdentity sets OpenTelemetry's variables for the command to the app's identity (see
	// package otel).
	OTelIdentity bool `conf:"otel-identity"`
	// WorkDir is where the command runs; references to variables are expanded.
	WorkDir string `conf:"work-dir"`
	// DependsOn names the commands that have to be ready first.
	DependsOn []string `conf:"depends-on"`
	// Readiness checks whether the command is ready.
	Readiness *Check `conf:"readiness-health-check-"`
	// Health checks whether the command still works. The command is ended after three consecutive
	// failures, or if nothing but failures come for Timeout.
	Health *Check `conf:"health-check-"`
	// Timeout is how many seconds the command may take to become ready.
	Timeout int `conf:"timeout"`
	// Restart is one of the Restart constants; empty means RestartNever.
	Restart string `conf:"restart"`
	// RestartLimit is how often the command is restarted without being healthy for a while in
	// between; 0 means no limit.
	RestartLimit int `conf:"restart-limit"`
	// Log says which lines of its output are dropped; nil connects it to the log directly.
	Log *Log `conf:"log-"`
	// Reload has it read its files again when they change.
	Reload *Reload `conf:"reload-"`
	// OnChange tells it how to notify the app of changes.
	OnChange *OnChange `conf:"on-change-"`
	// MemoryLimit limits the resident memory of the command and its descendants, in bytes; 0 means
	// no limit.
	MemoryLimit int64 `conf:"memory-limit"`
	// StopAfterApp keeps the command running after SIGTERM until the app's processes (see AppFile)
	// and those of StopAfter are gone, or for StopTimeout at most.
	StopAfterApp bool `conf:"stop-after-app"`
	// StopTimeout is in seconds; 0 means 5. It is also how long a command may take to end by itself
	// when its supervisor ends it.
	StopTimeout int `conf:"stop-timeout"`
	// StopAfter names the sidecars that depend on this one, if StopAfterApp is set. No field of
	// sidecars.yml sets it: staging derives it from DependsOn.
	StopAfter []string `conf:"stop-after"`
}

// KeepsSupervisor reports whether the supervisor has anything to do once the command has started.
// If not, as for Env or DependsOn alone, it is replaced by the command.
func (s Spec) KeepsSupervisor() bool {
	return s.Readiness != nil || s.Health != nil || s.Restarts() || s.MemoryLimit > 0 || s.StopAfterApp || s.Reload != nil || s.Log != nil
}

// Restarts reports whether the command is ever restarted.
func (s Spec) Restarts() bool {
	return s.Restart == RestartOnFailure || s.Restart == RestartAlways
}

// Find returns the index of a name among the specs.
func Find(specs []Spec, name string) (int, error) {
	i := slices.IndexFunc(specs, func(s Spec) bool { return s.Name == name })
	if i < 0 {
		names := make([]string, len(specs))
		for i, s := range specs {
			names[i] = s.Name
		}
		return 0, fmt.Errorf("found the name %q; expected one of %q", name, names)
	}
	return i, nil
}
