package sidecar

// Supervision is what a sidecar asks for that the platform does not do by itself.
// The zero value asks for nothing.
type Supervision struct {
	// Env is set for the sidecar alone, in this order.
	Env []Variable
	// EnvFrom is the variable of the app's environment that states Env, from which it
	// can be read anew at the start; empty where a file or the catalog states it.
	EnvFrom string
	// WorkDir is where it runs, relative to the app's directory.
	WorkDir string
	// Readiness tells when it is ready; nil where nobody wants to know.
	Readiness *Check
	// Health tells whether it still works; nil where nobody asks.
	Health *Check
	// Timeout is how many seconds it may take to become ready, or to pass its health
	// check for the first time.
	Timeout int
	// HoldApp has the app's own command wait until it is ready, and DependsOn has it
	// wait for other sidecars.
	HoldApp   bool
	DependsOn []string
	// Restart is one of the Restart constants, or empty for RestartNever. Of
	// RestartLimit 0 is none.
	Restart      string
	RestartLimit int
	// EnforceMemory ends it when it has more memory than is reserved for it.
	EnforceMemory bool
	// StopAfterApp keeps it running until the app's own process is gone, for
	// StopTimeout seconds at most.
	StopAfterApp bool
	StopTimeout  int
	// Proxy has it stand in front of the app.
	Proxy bool
}

// Asked tells whether there is anything to do for a supervisor.
func (s Supervision) Asked() bool {
	return len(s.Env) > 0 || s.WorkDir != "" || s.Readiness != nil || s.Health != nil || len(s.DependsOn) > 0 ||
		s.restarts() || s.EnforceMemory || s.StopAfterApp || s.Proxy
}

func (s Supervision) restarts() bool { return s.Restart != "" && s.Restart != RestartNever }

// The types of a check, as the app manifest has them.
const (
	CheckHTTP    = "http"
	CheckPort    = "port"
	CheckProcess = "process"
)

// When a sidecar is started again.
const (
	RestartNever     = "never" // by itself: the whole instance is
	RestartOnFailure = "on-failure"
	RestartAlways    = "always"
)

// A Check is a health or readiness check.
type Check struct {
	Type string // one of the Check constants
	// Port is a number, or $NAME or ${NAME}: a variable of the sidecar's environment.
	Port string
	// Endpoint is the path of a CheckHTTP.
	Endpoint string
	// Interval and InvocationTimeout are in seconds; 0 is the platform's own.
	Interval, InvocationTimeout int
}
