//go:build linux

package supervise

import (
	"cmp"
	"path/filepath"
	"syscall"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// killAfter is how long after SIGTERM everything that still runs is killed: before the platform's
// ten seconds are over (CF-17), since the platform would only kill the supervisor.
const killAfter = 9500 * time.Millisecond

// beginStopLocked handles the first signal that ends the supervisor.
func (s *supervisor) beginStopLocked(sig syscall.Signal) {
	now := time.Now()
	s.stop.killAt, s.stop.runOn = now.Add(killAfter), now
	waits := s.spec.StopAfterApp && sig == syscall.SIGTERM
	if waits {
		s.stop.runOn = now.Add(min(seconds(s.spec.StopTimeout, defaultStopTimeout), killAfter))
	}
	close(s.stop.told)
	s.status.update(func(state *supervision.State) { state.Phase, state.LastError = supervision.PhaseStopping, "" })
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

// finishStopLocked tells the command to end. It also handles each later signal.
func (s *supervisor) finishStopLocked(sig syscall.Signal) {
	if !s.stop.isDue() {
		s.stop.signal = sig
		close(s.stop.due)
	}
	if s.current != nil {
		s.current.askToEndLocked(sig)
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
	if s.current != nil {
		s.current.killLocked()
	}
}

// awaitOthers returns when the processes have ended that the command is to outlive, or at the given
// time. These are the app's processes, and the supervisors of sidecars that depend on this one. If
// the app's processes are unknown, it always waits until that time.
func (s *supervisor) awaitOthers(until time.Time) {
	others, known := appProcesses(filepath.Join(s.directory, supervision.RunDirectory, supervision.AppFile))
	if !known {
		time.Sleep(time.Until(until))
		return
	}
	for _, one := range append(others, s.dependents()...) {
		one.awaitEnd(until)
	}
}

// dependents returns the supervisors of the sidecars that depend on the command.
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
