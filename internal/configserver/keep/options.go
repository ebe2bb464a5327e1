package keep

import (
	"context"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// An Origin is a source and what a Keeper needs to know of it.
type Origin struct {
	environment.Source
	// Identity tells its answers from those of other sources in kept files. It has no credential.
	Identity string
	// Static says that its answers never change. It is asked once for each request.
	Static bool
	// Reopen is called after the source could not be asked. It returns another one in its place if
	// the settings have changed, such as a rotated credential, and nil if they have not. It may be nil.
	Reopen func(context.Context) (*Origin, error)
}

// Options are what a Keeper is made of.
type Options struct {
	Sources []Origin // in the order of precedence
	// Main is the app's own request. Its answer is always kept up to date.
	Main environment.Request
	// Interval is how long a source is not asked after it has answered.
	Interval time.Duration
	// Timeout is how long a source has for one answer.
	Timeout time.Duration
	// Store has answers for the next run. It may be nil.
	Store *Store
	// ReadyFromKept says that answers of an earlier run are enough to be ready.
	ReadyFromKept bool
	// Decrypt returns an environment with its values decrypted, and the keys of those that cannot be.
	Decrypt func(environment.Environment) (environment.Environment, []string)
	// Settled is called after a source was asked in which something has changed. It may be nil.
	Settled func()
	Clock   clock.Clock
	// Logf writes a line, without a value.
	Logf func(format string, args ...any)
}
