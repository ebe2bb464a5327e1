// Package supervision is what a supervisor is told of the commands that it runs, and
// what it tells of them, with the files that hold both. It is for those who write or
// read these files; the supervisor itself is package supervise.
package supervision

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/atomicfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// FileName is the file with the specs, in the directory above the program's own.
const FileName = "supervise.conf"

// The most bytes that are read of each file, far more than any has. Whatever is in
// the app's container can write to them.
const (
	maxSpecs = 64 << 20 // with the values of environments
	maxState = 1 << 20
)

// privateMode is that of the files: values of a user's may be in them.
const privateMode = 0o600

// The kinds of a probe.
const (
	ProbeHTTP    = "http"    // a GET that is answered with 200
	ProbePort    = "port"    // a TCP connection
	ProbeProcess = "process" // the process runs
)

// When a command that has ended is started again.
const (
	RestartNever     = "never"
	RestartOnFailure = "on-failure" // unless its status is 0
	RestartAlways    = "always"
)

// A Spec says how a command is run. The zero value of each field asks for nothing.
type Spec struct {
	// Name is what the command is called, among those of the same file.
	Name string
	// Env is set in the command's environment, in this order.
	Env []Variable
	// EnvFrom is the variable of the environment from which the program that is called
	// environmentProgram reads Env. In the file of the specs there is none then.
	EnvFrom string
	// Directory is where the command runs; references to variables are expanded.
	Directory string
	// WaitFor are the names of those that have to be ready first.
	WaitFor []string
	// Readiness tells when the command is ready.
	Readiness *Probe
	// Liveness tells whether it still works: after three failures in a row, or none
	// but failures for StartTimeout, it is ended.
	Liveness *Probe
	// StartTimeout is how many seconds it may take to become ready.
	StartTimeout int
	// Restart is one of the Restart constants; empty stands for RestartNever.
	Restart string
	// RestartLimit is how often it is started again, with no time of health between;
	// 0 is no limit.
	RestartLimit int
	// Memory is how many bytes the command and all that it has started may have
	// resident; 0 is no limit.
	Memory int64
	// StopAfterMain keeps the command running after SIGTERM until the main process
	// (see MainFile) is gone, for StopTimeout seconds at most.
	StopAfterMain bool
	StopTimeout   int
	// StopAfter are the names of those that it outlives in the same way.
	StopAfter []string
}

// A Variable is one of an environment. In its value, $NAME and ${NAME} stand for
// other variables; nothing else is special.
type Variable struct {
	Name  string
	Value string
}

// A Probe is a question to a command.
type Probe struct {
	// Type is one of the Probe constants.
	Type string
	// Port is a number, or $NAME or ${NAME} of the command's environment.
	Port string
	// Path is what a ProbeHTTP asks for, with a slash in front.
	Path string
	// Interval is how many seconds pass between two probes, and Timeout how many an
	// answer may take.
	Interval int
	Timeout  int
}

// Stays tells whether there is anything to do once the command has been started.
func (s Spec) Stays() bool {
	return s.Readiness != nil || s.Liveness != nil || s.Restarts() || s.Memory > 0 || s.StopAfterMain
}

func (s Spec) Restarts() bool {
	return s.Restart == RestartOnFailure || s.Restart == RestartAlways
}

// Write writes the specs below directory, whole or not at all.
func Write(directory string, specs []Spec) error {
	if err := atomicfile.Write(filepath.Join(directory, FileName), encode(specs), privateMode); err != nil {
		return fmt.Errorf("failed to write %s: %w", FileName, err)
	}
	return nil
}

// Read reads the specs below directory.
func Read(directory string) ([]Spec, error) {
	content, err := regularfile.ReadRaw(filepath.Join(directory, FileName), maxSpecs)
	if err != nil {
		return nil, fmt.Errorf("failed to read %s: %w", FileName, err)
	}
	specs, err := decode(string(content))
	if err != nil {
		return nil, fmt.Errorf("failed to parse %s: %w", filepath.Join(directory, FileName), err)
	}
	return specs, nil
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
