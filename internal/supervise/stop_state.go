//go:build linux

package supervise

import (
	"syscall"
	"time"
)

// A stop is how the supervisor comes to its end once it was told to. Between the two
// the command may run on, for the app and for sidecars that depend on it, and
// is started again if it ends.
type stop struct {
	// told is closed when the supervisor was told to end, and due when the command is
	// to. The fields below may be read then, and signal once it is due.
	told, due chan struct{}
	// killed is closed when all is killed that still runs.
	killed chan struct{}
	// signal is what the command is told by.
	signal syscall.Signal
	// killAt is when all is killed, and runOn until when the command may run on for others.
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

// hasTime tells whether the command may still run at a time, as far as that is known.
func (s *stop) hasTime(at time.Time) bool { return at.Before(s.runOn) }
