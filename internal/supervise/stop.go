//go:build linux

package supervise

import (
	"cmp"
	"path/filepath"
	"syscall"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// killAfter is when, after SIGTERM, all is killed that still runs: before the
// platform's ten seconds are over (CF-17), since it would kill the supervisor alone.
const killAfter = 9500 * time.Millisecond

// A stop is how the supervisor comes to its end once it was told to. Between the two
// the command may run on, for the main process and for those that depend on it, and
// is started again if it ends.
type stop struct {
	// told is closed when the supervisor was told to end, and due when the command is
	// to. What is below may be read then, and signal once it is due.
	told, due chan struct{}
	// killed is closed when all is killed that still runs.
	killed chan struct{}
	// signal is what the command is told by.
	signal syscall.Signal
	// killAt is when all is killed, and runOn until when the command may run on.
	killAt, runOn time.Time
}

func newStop() stop {
	return stop{told: make(chan struct{}), due: make(chan struct{}), killed: make(chan struct{})}
}

func (s *stop) isTold() bool { return isClosed(s.told) }
func (s *stop) isDue() bool  { return isClosed(s.due) }

func isClosed(channel <-chan struct{}) bool {
	select {
	case <-channel:
		return true
	default:
		return false
	}
}

// hasTime tells whether the command may still run at a time, as far as that is known.
func (s *stop) hasTime(at time.Time) bool { return at.Before(s.runOn) }

// beginStopLocked is for the first signal that ends the supervisor.
func (s *supervisor) beginStopLocked(sig syscall.Signal) {
	now := time.Now()
	s.stop.killAt, s.stop.runOn = now.Add(killAfter), now
	waits := s.spec.StopAfterApp && sig == syscall.SIGTERM
	if waits {
		s.stop.runOn = now.Add(min(seconds(s.spec.StopTimeout, defaultStopTimeout), killAfter))
	}
	close(s.stop.told)
	s.board.update(func(state *supervision.State) { state.Phase, state.LastError = supervision.PhaseStopping, "" })
	time.AfterFunc(killAfter, s.killAll)
	if !waits {
		s.finishStopLocked(sig)
		return
	}
	go func() {
		s.awaitOthers(s.stop.runOn)
		s.mutex.Lock()
		defer s.mutex.Unlock()
		if !s.stop.isDue() {
			s.finishStopLocked(sig)
		}
	}()
}

// finishStopLocked tells the command to end, and is for each later signal, too.
func (s *supervisor) finishStopLocked(sig syscall.Signal) {
	if !s.stop.isDue() {
		s.stop.signal = sig
		close(s.stop.due)
	}
	if s.attempt != nil {
		s.attempt.askToEndLocked(sig)
	}
}

func (s *supervisor) killAll() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if !s.stop.isDue() {
		s.stop.signal = syscall.SIGKILL
		close(s.stop.due)
	}
	close(s.stop.killed)
	if s.attempt != nil {
		s.attempt.killLocked()
	}
}

// awaitOthers returns when those have ended that the command is to outlive, or at a
// time: the main process, where it is known, and those that depend on the command.
func (s *supervisor) awaitOthers(until time.Time) {
	others, known := mainProcesses(filepath.Join(s.directory, supervision.RunDirectory, supervision.AppFile))
	if !known {
		time.Sleep(time.Until(until))
		return
	}
	for _, one := range append(others, s.dependents()...) {
		one.awaitEnd(until)
	}
}

// dependents are the processes of those that depend on the command.
func (s *supervisor) dependents() []processID {
	specs, err := supervision.Read(s.directory)
	if err != nil {
		return nil
	}
	var all []processID
	for _, name := range s.spec.StopAfter {
		i, err := supervision.Find(specs, name)
		if err != nil {
			continue
		}
		if state, err := supervision.ReadState(s.directory, specs, i); err == nil {
			all = append(all, processID{pid: cmp.Or(state.Supervisor, state.Pid), start: state.ProcessStart})
		}
	}
	return all
}
