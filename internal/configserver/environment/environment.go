// Package environment defines the common form of all sources' answers, Spring Cloud Config's environment, and
// the interface of a source.
package environment

import (
	"context"
	"errors"
)

// Request names the configuration to read.
type Request struct {
	// Application is one name, or several separated by commas, as in Spring.
	Application string
	// Profiles are in the requested order; the last wins.
	Profiles []string
	// Label is a branch, a tag or a commit, or empty for the source's default. It contains plain slashes, not
	// the (_) of Spring's paths.
	Label string
}

// Environment is the configuration for one request, in the form of Spring's server.
type Environment struct {
	Name     string   `json:"name"`
	Profiles []string `json:"profiles"`
	Label    *string  `json:"label"` // null if neither the request nor the source has one
	// Version is the source's name for its state, such as the git commit.
	Version *string `json:"version"`
	State   *string `json:"state"`
	// PropertySources are in order of precedence: for each key, the first source that has it wins.
	PropertySources []PropertySource `json:"propertySources"`
}

// PropertySource is one file, or one secret, of a source.
type PropertySource struct {
	Name string `json:"name"`
	// Source has flat keys, such as server.port or users[0].name. A value is a string, a bool, a json.Number, or
	// nil.
	Source map[string]any `json:"source"`
	// Order lists some or all of the keys in the source's own order; it may be empty. It matters for keys that
	// exclude each other in nested forms, such as a and a[0].
	Order []string `json:"-"`
}

// Source provides configuration. Its methods must be safe for concurrent use.
type Source interface {
	// Name identifies the source in logs and in /health, such as "git" or "spring". It contains no credential,
	// and no address that contains one.
	Name() string

	// Fetch returns the configuration for a request, and its version, which a later Fetch of the same request
	// may pass as previous. If that is still current, Fetch returns ErrUnchanged, as cheaply as the source
	// allows; an empty previous is never current.
	//
	// Fetch returns when ctx ends, and never keeps more in memory than the source's limits allow, whatever the
	// other side sends. No error quotes a value or a credential. Fetch returns encrypted values ({cipher}…) as
	// they are.
	Fetch(ctx context.Context, request Request, previous string) (Environment, string, error)
}

// ErrUnchanged is returned by Fetch if the previous version is still current.
var ErrUnchanged = errors.New("the configuration has not changed")

// Errors of Fetch wrap ErrUnauthorized if the server rejects the credentials. The platform may have replaced a
// binding's credentials in place: the caller can read them again and reopen the source.
var ErrUnauthorized = errors.New("the credentials were not accepted")

// NotFoundError means that the source works, but does not have the requested configuration: for example, the
// label does not exist.
type NotFoundError struct {
	// Message says what was not found, without a value.
	Message string
}

func (e *NotFoundError) Error() string { return e.Message }
