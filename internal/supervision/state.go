package supervision

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// The phases of a supervised command.
const (
	PhaseWaiting    = "waiting"    // for those that it waits for
	PhaseStarting   = "starting"   // not ready yet
	PhaseReady      = "ready"      // or running, where nothing tells more
	PhaseUnready    = "unready"    // was ready, and the last readiness probe failed
	PhaseUnhealthy  = "unhealthy"  // the last liveness probe failed
	PhaseRestarting = "restarting" // has ended, and is about to be started again
	PhaseStopping   = "stopping"   // for good
)

// RunDirectory is where the supervisors of one file of specs tell each other, and
// whoever asks, how their commands are: below the directory of that file, and as
// short-lived as the container.
const RunDirectory = "run"

// AppFile is a file in RunDirectory with the process id of the process that
// StopAfterApp waits for, or of several, each on a line. Each process that may be it
// adds its own. (It was once called the main process.)
const AppFile = "main"

// StateVersion is that of a state. Older states have none, and nothing else in them was
// different.
const StateVersion = 1

// A State is how a supervised command is.
type State struct {
	// Version is StateVersion, or 0 in what an older supervisor has written.
	Version int `json:"version,omitempty"`

	Name  string `json:"name"`
	Phase string `json:"phase"` // one of the Phase constants
	// Pid is the command's; 0 where it does not run.
	Pid int `json:"pid,omitempty"`
	// Supervisor is the process id of its supervisor; 0 where none stays with it.
	Supervisor int `json:"supervisor,omitempty"`
	// ProcessStart is when the process Supervisor was started or, where that is 0, the
	// process Pid (see processtree.Process): it tells it from a later one with the same id,
	// and, in another process id namespace, from others there.
	ProcessStart uint64 `json:"process_start,omitempty"`
	// Started is when it was first started, zero while it waits for others; Since is
	// when it came into its phase.
	Started time.Time `json:"started,omitzero"`
	Since   time.Time `json:"since"`
	// Restarts is how often it was started again, all in all.
	Restarts int `json:"restarts,omitempty"`
	// LastError is what the last probe found, where that was a failure.
	LastError string `json:"answer,omitempty"`
}

// Ready tells whether whoever waits for the command may go on.
func (s State) Ready() bool { return s.Phase == PhaseReady }

// StatePath is the file of the state of the i-th spec.
func StatePath(directory string, i int) string {
	return filepath.Join(directory, RunDirectory, strconv.Itoa(i)+".json")
}

// States are the states of the commands whose specs are below directory, of those
// that have told theirs. The error tells of those that cannot be read or make no
// sense; the others are there nevertheless.
func States(directory string) ([]State, error) {
	specs, err := Read(directory)
	if err != nil {
		return nil, err
	}
	var states []State
	var all []error
	for i := range specs {
		state, err := ReadState(directory, specs, i)
		switch {
		case err == nil:
			states = append(states, state)
		case !errors.Is(err, fs.ErrNotExist):
			all = append(all, err)
		}
	}
	return states, errors.Join(all...)
}

// ReadState is the state of the command with the i-th of the specs below directory.
// The error wraps fs.ErrNotExist where it has not told any.
func ReadState(directory string, specs []Spec, i int) (State, error) {
	path := StatePath(directory, i)
	content, err := regularfile.ReadRaw(path, maxState)
	if err != nil {
		return State{}, fmt.Errorf("failed to read a state: %w", err)
	}
	var state State
	if err := json.Unmarshal(content, &state); err != nil {
		return State{}, fmt.Errorf("failed to parse %s: %w", path, err)
	}
	if err := state.check(specs[i].Name); err != nil {
		return State{}, fmt.Errorf("%s: %w", path, err)
	}
	return state, nil
}

// check finds what no supervisor of this command has written.
func (s State) check(name string) error {
	phases := []string{PhaseWaiting, PhaseStarting, PhaseReady, PhaseUnready, PhaseUnhealthy, PhaseRestarting, PhaseStopping}
	switch {
	case s.Version != 0 && s.Version != StateVersion:
		return &VersionError{Found: strconv.Itoa(s.Version)}
	case s.Name != name:
		return fmt.Errorf("found the state of %q; expected that of %q", s.Name, name)
	case !slices.Contains(phases, s.Phase):
		return fmt.Errorf("found the phase %q; expected one of %q", s.Phase, phases)
	case s.Pid < 0 || s.Supervisor < 0 || s.Restarts < 0:
		return errors.New("found a negative number; expected process ids and a count")
	default:
		return nil
	}
}
