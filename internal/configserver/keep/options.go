package keep

import (
	"context"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// Origin is a source, with what a Keeper needs to know about it.
type Origin struct {
	environment.Source
	// Identity distinguishes its stored answers from those of other sources. It contains no credential.
	Identity string
	// Static means that its answers never change. It is asked once per request.
	Static bool
	// Reopen is called after a failed poll. If the settings have changed, for example because a credential was
	// rotated, it returns a source to use instead, and otherwise nil. It may be nil.
	Reopen func(context.Context) (*Origin, error)
}

// Options configures a Keeper.
type Options struct {
	Sources []Origin // in the order of precedence
	// Main is the app's own request. Its answer is always kept current.
	Main environment.Request
	// Interval is the time between two polls of a source.
	Interval time.Duration
	// Timeout limits how long a source may take for one answer.
	Timeout time.Duration
	// Store keeps answers for the next run. It may be nil.
	Store *Store
	// ReadyFromKept means that answers of an earlier run suffice to be ready.
	ReadyFromKept bool
	// NewDecrypter is called once for each request that is kept, and returns its Decrypter. It may be nil.
	NewDecrypter func() Decrypter
	// Form renders the main answer for the app, and returns the keys that it leaves out. If it fails, the answer
	// cannot be served, and the last good one remains. The error names a key, but no value. Form may be nil.
	Form func(environment.Environment) ([]byte, []environment.Omission, error)
	// Settled is called after a poll that found a change or failed: both leave garbage behind. It may be nil.
	Settled func()
	Clock   clock.Clock
	// Logf logs a line, without a value.
	Logf func(format string, args ...any)
}

// Decrypter returns an environment with its values decrypted, and the keys whose values cannot be decrypted. It gets
// the answers to one request, one after the other, and may remember values of the last one.
type Decrypter func(environment.Environment) (environment.Environment, []string)
