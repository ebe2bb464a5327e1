//go:build linux

package supervise

import (
	"fmt"
	"syscall"
	"time"
)

// An exit describes how one run of the command ended.
type exit struct {
	status int
	// reason is why the supervisor ended it, in words that follow the name; empty if it ended by
	// itself.
	reason string
	// reloading is set if it was ended in order to be started again, which is not a failure.
	reloading bool
	// health is how long it had been healthy at the end.
	health time.Duration
}

// why explains the exit to a user, in words that follow the name.
func (e exit) why() string {
	switch {
	case e.reason != "":
		return e.reason
	case e.status > statusSignal:
		return fmt.Sprintf("was ended by the signal %s", syscall.Signal(e.status-statusSignal))
	default:
		return fmt.Sprintf("ended with status %d", e.status)
	}
}
