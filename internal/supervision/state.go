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
	PhaseWaiting    = "waiting"    // waits for the commands it depends on
	PhaseStarting   = "starting"   // not ready yet
	PhaseReady      = "ready"      // or running, if it has no checks
	PhaseUnready    = "unready"    // was ready, and the last readiness probe failed
	PhaseUnhealthy  = "unhealthy"  // the last liveness probe failed
	PhaseRestarting = "restarting" // has ended, and is about to be restarted
	PhaseStopping   = "stopping"   // for good
)

// RunDirectory contains the states that the supervisors of one file of specs publish, for each
// other and for other readers. It is below the directory of that file, and lives as long as the
// container.
const RunDirectory = "run"

// AppFile is a file in RunDirectory with the ids of the processes that StopAfterApp waits for, one
// a line. Each process of the app adds its own. (The app was once called the main process.)
const AppFile = "main"

// StateVersion is the version of a State. Older states have none, and no other differences.
const StateVersion = 1

// A State describes a supervised command.
type State struct {
	// Version is StateVersion, or 0 if an older supervisor wrote it.
	Version int `json:"version,omitempty"`

	Name  string `json:"name"`
	Phase string `json:"phase"` // one of the Phase constants
	// Pid is the command's process id; 0 if it does not run.
	Pid int `json:"pid,omitempty"`
	// Supervisor is the process id of its supervisor; 0 if the supervisor does not stay.
	Supervisor int `json:"supervisor,omitempty"`
	// ProcessStart is the start time of the process Supervisor or, if that is 0, of the process Pid
	// (see processtree.Process). It distinguishes the process from a later one with the same id,
	// and, in another process id namespace, from others there.
	ProcessStart uint64 `json:"process_start,omitempty"`
	// Started is when the command first started, zero while it waits for others; Since is when its
	// phase began.
	Started time.Time `json:"started,omitzero"`
	Since   time.Time `json:"since"`
	// Restarts is how often it has been restarted in total.
	Restarts int `json:"restarts,omitempty"`
	// LastError is the result of the last probe if that failed.
	LastError string `json:"answer,omitempty"`
}

// Ready reports whether commands that wait for this one may start.
func (s State) Ready() bool { return s.Phase == PhaseReady }

// StatePath returns the path of the i-th spec's state.
func StatePath(directory string, i int) string {
	return filepath.Join(directory, RunDirectory, strconv.Itoa(i)+".json")
}

// States returns the states published by the commands whose specs are below directory. The error
// describes states that cannot be read or are invalid; the others are returned all the same.
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

// ReadState returns the state of the command with the i-th of the specs below directory. The error
// wraps fs.ErrNotExist if it has not published one.
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

// check finds states that no supervisor of this command can have written.
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
