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
	// Reopen is called after a failed poll. It returns a source to use instead if
	// the settings have changed, such as a rotated credential, and nil if they have not. It may be nil.
	Reopen func(context.Context) (*Origin, error)
}

// Options are the settings of a Keeper.
type Options struct {
	Sources []Origin // in the order of precedence
	// Main is the app's own request. Its answer is always kept up to date.
	Main environment.Request
	// Interval is the time between two polls of a source.
	Interval time.Duration
	// Timeout is how long a source has for one answer.
	Timeout time.Duration
	// Store has answers for the next run. It may be nil.
	Store *Store
	// ReadyFromKept says that answers of an earlier run are enough to be ready.
	ReadyFromKept bool
	// Decrypt returns an environment with its values decrypted, and the keys of those that cannot be.
	Decrypt func(environment.Environment) (environment.Environment, []string)
	// Form makes what the app is served of the main answer, and says which keys it leaves out. Its error, which
	// names a key and no value, means that the answer cannot be served: then the last good one stays. It may be nil.
	Form func(environment.Environment) ([]byte, []environment.Omission, error)
	// Settled is called after a poll that has found a change or has failed: both leave garbage behind. It may be nil.
	Settled func()
	Clock   clock.Clock
	// Logf writes a line, without a value.
	Logf func(format string, args ...any)
}
