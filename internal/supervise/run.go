//go:build linux

package supervise

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// run returns the exit status.
func (s *supervisor) run() int {
	s.stop = newStop()
	s.restarts.limit = s.spec.RestartLimit
	if err := s.prepareLog(); err != nil {
		s.say("log.drop cannot be used: %s; the app's instance ends", err)
		return statusFailed
	}
	if s.dropped != nil {
		defer s.dropped.tell(true)
	}
	if err := adopt(); err != nil {
		s.say("cannot become subreaper; orphans may survive: %s", err)
	}
	for first := true; ; first = false {
		end := s.runOnce(first)
		if s.stop.isDue() || !end.reloading && !s.awaitRestart(end) {
			return end.status
		}
		s.reloaded = end.reloading
	}
}

// runOnce runs the command, and returns when none of its processes are left.
func (s *supervisor) runOnce(first bool) exit {
	began := time.Now()
	pid, output, err := s.start()
	if first {
		s.startSignals()
	}
	if err != nil {
		return exit{status: startStatus(err), reason: "could not be started: " + s.explain(err)}
	}
	if output != nil {
		output.run()
	}
	a := s.track(pid, began, !first)
	a.watch()
	end := a.exit(s.children.waitFor(pid))
	s.children.finish(a.endWatch)
	a.awaitGroup()
	s.children.killStragglers()
	if output != nil {
		output.finish(s.stop.killed)
	}
	if s.spec.Restarts() || end.reloading { // otherwise this process ends, too
		a.watching.Wait()
	}
	return end
}

// start makes the command, and starts it.
func (s *supervisor) start() (pid int, o *output, err error) {
	if err := s.watchFiles(); err != nil {
		return 0, nil, err
	}
	// Until here, a signal ends the supervisor; from here on, there is a command to forward it to.
	if s.signals == nil {
		s.signals = notify()
	}
	return s.fork()
}

// explain says why start has failed.
func (s *supervisor) explain(err error) string {
	var unmade renderError
	if errors.As(err, &unmade) {
		return err.Error()
	}
	return s.command.explain(err)
}

// startSignals does slow work that can wait until the command has started for the first time. With
// fewer threads, which a supervisor has no use for, it ends faster.
func (s *supervisor) startSignals() {
	runtime.GOMAXPROCS(1)
	if s.signals == nil { // the command could not be started
		s.signals = notify()
	}
	go s.forwardSignals(s.signals)
}

// track makes the command that has just been started or restarted the current one.
func (s *supervisor) track(pid int, made time.Time, again bool) *childRun {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	a := &childRun{supervisor: s, pid: pid, made: made, started: time.Now(), again: again && !(s.reloaded && s.braked.Load()), up: make(chan struct{}), ended: make(chan struct{})}
	s.current = a
	if s.late.at.After(made) { // it may have read the files before these changes
		go s.reload(s.late.changed, s.late.at)
	}
	switch {
	case s.stop.isDue(): // while it was starting
		a.askToEndLocked(s.stop.signal)
	case s.stop.isTold(): // and it is to outlive others
		s.status.update(func(state *supervision.State) { state.Pid = pid })
	default:
		a.publishLocked()
	}
	return a
}

// forwardSignals forwards signals to the command.
func (s *supervisor) forwardSignals(signals <-chan os.Signal) {
	for sig := range signals {
		s.signalled(sig.(syscall.Signal))
	}
}

func (s *supervisor) signalled(sig syscall.Signal) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch {
	case ends(sig) && !s.stop.isTold():
		s.beginStopLocked(sig)
	case ends(sig):
		s.finishStopLocked(sig)
	case s.current == nil || sig == syscall.SIGPIPE: // SIGPIPE comes from the supervisor's own lines
	default:
		s.current.signalLocked(sig)
	}
}

// awaitRestart logs what happens after the command's end, and waits until it is to be restarted. It
// returns false if there is no restart.
func (s *supervisor) awaitRestart(end exit) bool {
	if !s.spec.Restarts() || s.spec.Restart == supervision.RestartOnFailure && end.status == 0 {
		if s.spec.Restarts() || end.reason != "" {
			s.say("%s; the app's instance ends with it", end.why())
		}
		return false
	}
	pause, ok := s.restarts.next(end.health)
	if !ok {
		s.say("%s; its restart limit is %d, so the app's instance ends with it", end.why(), s.restarts.limit)
		return false
	}
	at := time.Now().Add(pause)
	if s.stop.isTold() && !s.stop.hasTime(at) {
		s.sayTooLate(end, pause)
		return false
	}
	of := ""
	if s.restarts.limit > 0 {
		of = fmt.Sprintf(" of %d", s.restarts.limit)
	}
	s.say("%s; it is started again in %s (restart %d%s)", end.why(), pause, s.restarts.count, of)
	s.mutex.Lock()
	s.status.update(func(state *supervision.State) {
		state.Pid, state.LastError = 0, "it "+end.why()
		if !s.stop.isTold() {
			state.Phase = supervision.PhaseRestarting
		}
		state.Restarts++
	})
	s.mutex.Unlock()
	return s.pause(end, at)
}

// pause waits until the command is to be restarted, and returns false if that will not happen.
func (s *supervisor) pause(end exit, until time.Time) bool {
	over, told := time.After(time.Until(until)), s.stop.told
	for {
		select {
		case <-over:
			return !s.stop.isDue()
		case <-s.stop.due:
			return false
		case <-told:
			if told = nil; !s.stop.isDue() && !s.stop.hasTime(until) {
				s.sayTooLate(end, time.Until(until))
				return false
			}
		}
	}
}

func (s *supervisor) sayTooLate(end exit, pause time.Duration) {
	s.say("%s; it is not started again, %s", end.why(), whyTooLate(pause, time.Until(s.stop.runOn)))
}

// whyTooLate says why there is no restart after a pause: there is too little time left to run, or
// none. It prints no negative time.
func whyTooLate(pause, left time.Duration) string {
	if left = left.Round(time.Millisecond); left <= 0 {
		return "since the app's instance ends"
	}
	return fmt.Sprintf("since that would be in %s, and it is to end in %s at the latest, as the app's instance does", max(0, pause.Round(time.Millisecond)), left)
}
