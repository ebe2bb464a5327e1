//go:build linux

package supervise

import (
	"errors"
	"fmt"
	"time"
)

// lookPause is how often a state is looked at that is waited for.
const lookPause = 10 * time.Millisecond

// defaultStartTimeout is how many seconds a command may take to become ready.
const defaultStartTimeout = 60

func (s Spec) startTimeout() time.Duration { return seconds(s.StartTimeout, defaultStartTimeout) }

// await returns when all of these names are ready. Each has its own StartTimeout, in
// which the time does not count that it waits for others itself.
func await(directory string, specs []Spec, names []string) error {
	for _, name := range names {
		i, err := find(specs, name)
		if err != nil {
			return err
		}
		if err := awaitOne(directory, specs[i], i); err != nil {
			return err
		}
	}
	return nil
}

func awaitOne(directory string, spec Spec, i int) error {
	asked, patience := time.Now(), spec.startTimeout()
	for {
		state, err := readState(directory, i)
		since := asked
		switch {
		case err == nil && !tended(state):
		case err == nil && state.Ready():
			return nil
		case err == nil && state.Phase == PhaseWaiting:
			since = time.Now()
		case err == nil && asked.Sub(state.Started) < patience: // and not one that was ready long ago
			since = state.Started
		}
		if time.Since(since) > patience {
			return fmt.Errorf("%q is not ready after %s: %w", spec.Name, patience, why(state, err))
		}
		time.Sleep(lookPause)
	}
}

// tended tells whether a state is still kept up: where a supervisor has ended, its
// command has, too.
func tended(state State) bool { return state.Supervisor == 0 || born(state.Supervisor) != "" }

// why is what is known of a command that is not ready.
func why(state State, err error) error {
	switch {
	case err != nil:
		return errors.New("it was not started")
	case state.Phase == PhaseWaiting:
		return errors.New("it was ended while it waited for others")
	case !tended(state):
		return errors.New("it has ended")
	case state.Answer != "":
		return errors.New(state.Answer)
	case state.Phase == PhaseRestarting:
		return errors.New("it has ended, and is about to be started again")
	default:
		return errors.New("it has not been probed yet")
	}
}
