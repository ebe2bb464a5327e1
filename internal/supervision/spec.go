// Package supervision is what a supervisor is told of the commands that it runs, and
// what it tells of them, with the files that hold both. It is for those who write or
// read these files; the supervisor itself is package supervise.
package supervision

import (
	"fmt"
	"slices"
)

// The most bytes that are read of each file, far more than any has. Whatever is in
// the app's container can write to them.
const (
	maxSpecs = 64 << 20 // with the values of environments
	maxState = 1 << 20
)

// The types of a check.
const (
	CheckHTTP    = "http"    // a GET that is answered with 200, or a status of Check.Status
	CheckPort    = "port"    // a connection to the port or the socket
	CheckProcess = "process" // the process runs
	CheckExec    = "exec"    // a command that ends with status 0
)

// When a command that has ended is started again.
const (
	RestartNever     = "never"
	RestartOnFailure = "on-failure" // unless its status is 0
	RestartAlways    = "always"
)

// A Spec says how a command is run. The zero value of each field asks for nothing. The
// tag conf is the field's key in the file.
type Spec struct {
	// Name is what the command is called, among those of the same file.
	Name string `conf:"name"`
	// Env is set in the command's environment, in this order.
	Env []Variable `conf:"env"`
	// EnvFrom is the variable of the environment from which the program sidecar-env
	// (package startenv) reads Env. In the file of the specs there is none then.
	EnvFrom string `conf:"env-from"`
	// Render has the program sidecar-render (package render) make Env, and the files of
	// FilesPath, before each start of the command. In the file of the specs Env is empty then.
	Render bool `conf:"render"`
	// OTelIdentity gives the command the identity of the app in the variables of OpenTelemetry
	// (see package otel).
	OTelIdentity bool `conf:"otel-identity"`
	// WorkDir is where the command runs; references to variables are expanded.
	WorkDir string `conf:"work-dir"`
	// DependsOn are the names of those that have to be ready first.
	DependsOn []string `conf:"depends-on"`
	// Readiness tells when the command is ready.
	Readiness *Check `conf:"readiness-health-check-"`
	// Health tells whether it still works: after three failures in a row, or none
	// but failures for Timeout, it is ended.
	Health *Check `conf:"health-check-"`
	// Timeout is how many seconds it may take to become ready.
	Timeout int `conf:"timeout"`
	// Restart is one of the Restart constants; empty is RestartNever.
	Restart string `conf:"restart"`
	// RestartLimit is how often it is started again, with no time of health between;
	// 0 is no limit.
	RestartLimit int `conf:"restart-limit"`
	// Log says which lines of its output are dropped; nil has it write to the log itself.
	Log *Log `conf:"log-"`
	// Reload has it read its files again when they change.
	Reload *Reload `conf:"reload-"`
	// OnChange has it told how it tells the app of changes.
	OnChange *OnChange `conf:"on-change-"`
	// MemoryLimit is how many bytes the command and all that it has started may have
	// resident; 0 is no limit.
	MemoryLimit int64 `conf:"memory-limit"`
	// StopAfterApp keeps the command running after SIGTERM until the app's processes (see
	// AppFile) and those of StopAfter are gone, for StopTimeout at most.
	StopAfterApp bool `conf:"stop-after-app"`
	// StopTimeout is in seconds; 0 is 5. It is also how long a command that its supervisor
	// ends has to end by itself.
	StopTimeout int `conf:"stop-timeout"`
	// StopAfter are the names of the sidecars that depend on this one, where StopAfterApp is
	// set. No field of sidecars.yml states them: staging derives them from DependsOn.
	StopAfter []string `conf:"stop-after"`
}

// KeepsSupervisor tells whether there is anything to do once the command has been started. If
// not, as for Env or DependsOn alone, the supervisor becomes the command.
func (s Spec) KeepsSupervisor() bool {
	return s.Readiness != nil || s.Health != nil || s.Restarts() || s.MemoryLimit > 0 || s.StopAfterApp || s.Reload != nil || s.Log != nil
}

// Restarts tells whether the command is ever started again.
func (s Spec) Restarts() bool {
	return s.Restart == RestartOnFailure || s.Restart == RestartAlways
}

// Find is the place of a name among the specs.
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
