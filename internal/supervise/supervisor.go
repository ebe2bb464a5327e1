//go:build linux

package supervise

import (
	"context"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// A supervisor runs one command, and restarts it if the spec says so. Its main goroutine starts the
// command and waits for its end. Signals, probes and watches arrive on other goroutines, which take
// the mutex. No file is read while the mutex is held.
type supervisor struct {
	*asyncLogger
	spec    supervision.Spec
	command command
	// prepare makes command before each start; nil if it is always the same.
	prepare func() (command, error)
	// renderFiles rewrites its files while it runs; nil if it has none.
	renderFiles func() error
	// reloaded is set while the command starts after a reload has stopped it.
	reloaded bool
	// environ is the supervisor's own environment; files are the watched files, or nil.
	environ environment
	// outputs are the supervisor's own standard output and error. A command with logRules writes to
	// them through a filter, and dropped counts what that drops.
	outputs [2]io.Writer
	// signals are forwarded to the command once there may be one.
	signals  chan os.Signal
	logRules *logRules
	dropped  *dropReport
	files    *fileWatch
	// late are changes that were reported while no command ran, and when.
	late struct {
		changed []string
		at      time.Time
	}
	// brake slows down endless reloads; braked says that it currently does.
	brake     reloadBrake
	braked    atomic.Bool
	directory string
	restarts  policy
	children  reaper

	mutex sync.Mutex
	// status publishes the command's state, in run/N.json.
	status *publisher
	// current is the current run of the command, or nil.
	current *childRun
	stop    stop
}

// A finding is what a probe has found so far.
type finding struct {
	passed bool  // at least once
	last   error // nil after a success
}

// A childRun is one run of the command. The caller of a method whose name ends in Locked holds the
// supervisor's mutex.
type childRun struct {
	*supervisor
	pid int
	// made is the time after which the command's inputs were read.
	made, started time.Time
	// again is set for a restart: the log then says once that the command is ready again. It is not
	// set after a reload that is not logged.
	again bool
	over  bool
	// healthySince is the time since which the command has been healthy, zero if it is not.
	healthySince time.Time
	// ready and alive are what the readiness and the liveness probe have found.
	ready, alive finding
	failures     int // consecutive failures of the liveness probe
	// reloading names the changed files if it is ended because of them.
	reloading string
	// up is closed when each check has passed once, and ended when the command has ended.
	up, ended chan struct{}
	// until is when it is killed, after it was asked to end.
	until time.Time
	// reason is why the supervisor ends the command, and faultStatus the exit status that it then
	// reports.
	reason      string
	faultStatus int

	watching sync.WaitGroup
	endWatch context.CancelFunc
}

// makeCommand makes the command, if it has to be made before each start.
func (s *supervisor) makeCommand() error {
	if s.prepare == nil {
		return nil
	}
	made, err := s.prepare()
	switch {
	case err == nil:
		s.command = made
	case s.reloaded: // the bindings have changed again since they were checked
		s.say("it is started again with what it had: %s", err)
		return nil
	}
	return err
}
