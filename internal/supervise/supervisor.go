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

// A supervisor runs one command, again and again if it is to be. Its main goroutine
// starts the command and waits for its end; signals and what watches the command
// come from others, and take the mutex. No file is read with the mutex held.
type supervisor struct {
	*asyncLogger
	spec    supervision.Spec
	command command
	// prepare makes command anew before each start; nil where it is the same each time.
	prepare func() (command, error)
	// renderFiles writes its files anew while it runs; nil where it has none.
	renderFiles func() error
	// reloaded is that the command is started after a reload has stopped it.
	reloaded bool
	// environ is the supervisor's own environment; files are those that are watched, nil
	// where there are none.
	environ environment
	// outputs are the supervisor's own standard output and error, to which a command with
	// logRules writes through a filter, and dropped is what that has dropped.
	outputs [2]io.Writer
	// signals are those that are passed on, from when on there may be a command.
	signals  chan os.Signal
	logRules *logRules
	dropped  *dropReport
	files    *fileWatch
	// late are changes that were told of while no command ran, and when.
	late struct {
		changed []string
		at      time.Time
	}
	// brake slows down reloads without end; braked is that it does so now.
	brake     reloadBrake
	braked    atomic.Bool
	directory string
	restarts  policy
	children  reaper

	mutex sync.Mutex
	// status is what others see of the command, in run/N.json.
	status *publisher
	// current is the run of the command that goes on, or nil.
	current *childRun
	stop    stop
}

// A finding is what a probe has found so far.
type finding struct {
	passed bool  // at least once
	last   error // nil where it succeeded
}

// A childRun is one run of the command. Methods whose names end in Locked want the
// supervisor's mutex held.
type childRun struct {
	*supervisor
	pid int
	// made is from when on what the command is made of has been read.
	made, started time.Time
	// again is that it is not the first one; that it is well is told then, once. It is false
	// after a reload that the log does not tell of.
	again bool
	over  bool
	// healthySince is since when the command has been healthy, zero where it is not.
	healthySince time.Time
	// ready and alive are what the readiness and the liveness probe have found.
	ready, alive finding
	failures     int // of the liveness probe, in a row
	// reloading is which files have changed, where it is ended for that.
	reloading string
	// up is closed when it has become what it is to be, and ended when it has ended.
	up, ended chan struct{}
	// until is how long it has to end by itself, once it was asked to.
	until time.Time
	// reason is why the supervisor ends the command, and faultStatus what it then takes
	// for its exit status.
	reason      string
	faultStatus int

	watching sync.WaitGroup
	endWatch context.CancelFunc
}

// makeCommand makes the command, where it has to be made before each start.
func (s *supervisor) makeCommand() error {
	if s.prepare == nil {
		return nil
	}
	made, err := s.prepare()
	switch {
	case err == nil:
		s.command = made
	case s.reloaded: // the bindings have changed once more since they were found to be good
		s.say("it is started again with what it had: %s", err)
		return nil
	}
	return err
}
