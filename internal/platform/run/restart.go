package run

import (
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// errNotRestarted says that an instance has crashed maxRestarts times.
var errNotRestarted = errors.New("is not started again")

// Diego's restarts of crashed instances (CF-19): the defaults of bbs models/restart_calculator.go,
// and CrashResetTimeout of models/actual_lrp.go.
const (
	immediateRestarts = 3 // the first crash that is followed by a pause
	minBackoff        = 30 * time.Second
	maxBackoff        = 16 * time.Minute
	maxRestarts       = 200 // the crash after which the instance stays down
	crashReset        = 5 * time.Minute
)

// crashes counts the crashes of an instance since the last reset.
type crashes int

// after counts a crash after so much time RUNNING; 0 if it never was. More than crashReset resets
// the count.
func (c crashes) after(running time.Duration) crashes {
	if running > crashReset {
		return 1
	}
	return c + 1
}

// backoff returns the pause before the next start; again is false if there is none.
func (c crashes) backoff() (pause time.Duration, again bool) {
	switch {
	case c >= maxRestarts:
		return 0, false
	case c < immediateRestarts:
		return 0, true
	}
	pauses := backoff.ExponentialBackOff{InitialInterval: minBackoff, Multiplier: 2, MaxInterval: maxBackoff}
	for range c - immediateRestarts + 1 {
		pause = pauses.NextBackOff()
	}
	return pause, true
}
