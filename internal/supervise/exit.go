//go:build linux

package supervise

import (
	"fmt"
	"syscall"
	"time"
)

// An exit is how one run of the command came to its end.
type exit struct {
	status int
	// reason is what the supervisor alone knows of it, in words that follow the name;
	// empty where it ended by itself.
	reason string
	// reloading tells that it was ended to be started again, which is no failure.
	reloading bool
	// health is for how long it was well at the end.
	health time.Duration
}

// why tells a user, in words that follow the name.
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
