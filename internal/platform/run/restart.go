package run

import (
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// errNotRestarted says of an instance that it has crashed maxRestarts times.
var errNotRestarted = errors.New("is not started again")

// How Diego starts a crashed instance again (CF-19): the defaults of bbs
// models/restart_calculator.go, and CrashResetTimeout of models/actual_lrp.go.
const (
	immediateRestarts = 3 // the number of the first crash that is not followed at once
	minBackoff        = 30 * time.Second
	maxBackoff        = 16 * time.Minute
	maxRestarts       = 200 // the number of the crash after which nothing follows
	crashReset        = 5 * time.Minute
)

// crashes is how often an instance has crashed since the count last began.
type crashes int

// after counts the crash of an instance that was RUNNING for some time; 0 is one that
// never was. More than crashReset begins the count anew.
func (c crashes) after(running time.Duration) crashes {
	if running > crashReset {
		return 1
	}
	return c + 1
}

// backoff is how long after the last of these crashes the instance is started again.
// It is false where it is not started again at all.
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
