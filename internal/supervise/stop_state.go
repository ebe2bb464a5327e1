//go:build linux

package supervise

import (
	"syscall"
	"time"
)

// A stop tracks how the supervisor ends after it was told to. Between told and due, the command may
// keep running for the app and for sidecars that depend on it, and is restarted if it ends.
type stop struct {
	// told is closed when the supervisor was told to end, and due when the command has to end. The
	// fields below may be read after that; signal once due is closed.
	told, due chan struct{}
	// killed is closed when everything that still runs is killed.
	killed chan struct{}
	// signal is the signal for the command.
	signal syscall.Signal
	// killAt is when everything is killed; until runOn, the command may keep running for others.
	killAt, runOn time.Time
}

func newStop() stop {
	return stop{told: make(chan struct{}), due: make(chan struct{}), killed: make(chan struct{})}
}

func (s *stop) isTold() bool { return isClosed(s.told) }

func (s *stop) isDue() bool { return isClosed(s.due) }

func isClosed(channel <-chan struct{}) bool {
	select {
	case <-channel:
		return true
	default:
		return false
	}
}

// hasTime reports whether the command may still run at a given time, as far as is known.
func (s *stop) hasTime(at time.Time) bool { return at.Before(s.runOn) }
