//go:build linux

package supervise

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// defaultStartTimeout is how many seconds a command may take to become ready.
const defaultStartTimeout = 60

// firstNotice is how long a wait lasts before it is first logged. It is logged again each time it
// has become twice as long.
const firstNotice = 10 * time.Second

func startTimeout(s supervision.Spec) time.Duration {
	return seconds(s.Timeout, defaultStartTimeout)
}

// A wait waits for commands to become ready.
type wait struct {
	directory string
	specs     []supervision.Spec
	// notice is called now and then, with the commands that it waits for and why.
	notice func(format string, args ...any)
}

// all returns when all of these names are ready. Each has its own Timeout, which does not include
// the time that it waits for others itself.
func (w wait) all(names []string) error {
	// If this fails, no state can arrive either, which is reported when the time is over.
	_ = supervision.MakeRunDirectory(filepath.Join(w.directory, supervision.RunDirectory))
	for _, name := range names {
		i, err := supervision.Find(w.specs, name)
		if err != nil {
			return err
		}
		if err := w.one(i); err != nil {
			return err
		}
	}
	return nil
}

func (w wait) one(i int) error {
	asked, spec := time.Now(), w.specs[i]
	notice := asked.Add(firstNotice)
	changes := newWaiter(supervision.StatePath(w.directory, i))
	defer changes.close()
	for pause := firstLook; ; pause = min(2*pause, longestLook) {
		changes.begin()
		state, err := supervision.ReadState(w.directory, w.specs, i)
		if err == nil && running(state) && state.Ready() {
			return nil
		}
		left := startTimeout(spec) - time.Since(waitingSince(spec, state, err, asked))
		if left < 0 {
			return fmt.Errorf("%q is not ready after %s: %w", spec.Name, startTimeout(spec), w.why(i, state, err))
		}
		if now := time.Now(); now.After(notice) {
			w.notice("%q for %s: %s", spec.Name, now.Sub(asked).Round(time.Second), w.why(i, state, err))
			notice = now.Add(now.Sub(asked))
		}
		if changes.wait(min(pause, left)) {
			pause = firstLook / 2 // it is doubled below
		}
	}
}

// waitingSince returns the start of the time in which a command has to become ready.
func waitingSince(spec supervision.Spec, state supervision.State, err error, asked time.Time) time.Time {
	switch {
	case err != nil || !running(state):
		return asked
	case state.Phase == supervision.PhaseWaiting:
		return time.Now()
	case asked.Sub(state.Started) < startTimeout(spec): // and not one that was ready long ago
		return state.Started
	default:
		return asked
	}
}

// running reports whether a state is still maintained: if a supervisor has ended, its command has,
// too.
func running(state supervision.State) bool {
	return state.Supervisor == 0 || !processID{pid: state.Supervisor, start: state.ProcessStart}.ended()
}

// why explains why a command is not ready: the last failure, or which commands it waits for itself,
// and why.
func (w wait) why(i int, state supervision.State, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("it was not started")
	case err != nil:
		return err
	case state.Phase == supervision.PhaseWaiting && !running(state):
		return errors.New("it was ended while it waited for others")
	case !running(state):
		return errors.New("it has ended")
	case state.Phase == supervision.PhaseWaiting:
		return w.whyWaiting(w.specs[i].DependsOn)
	case state.LastError != "":
		return errors.New(state.LastError)
	case state.Phase == supervision.PhaseRestarting:
		return errors.New("it has ended, and is about to be started again")
	case state.Phase == supervision.PhaseStopping:
		return errors.New("it is stopping")
	default:
		return errors.New("it has not been probed yet")
	}
}

// whyWaiting is why for the first of these names that is not ready. Dependencies contain no cycle.
func (w wait) whyWaiting(names []string) error {
	for _, name := range names {
		i, err := supervision.Find(w.specs, name)
		if err != nil {
			return err
		}
		if state, err := supervision.ReadState(w.directory, w.specs, i); err != nil || !running(state) || !state.Ready() {
			return fmt.Errorf("it waits for %q: %w", name, w.why(i, state, err))
		}
	}
	return errors.New("it has just stopped waiting for others")
}
