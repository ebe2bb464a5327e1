// Package environment has the common form of all sources' answers, Spring Cloud
// Config's environments, and the interface of a source.
package environment

import (
	"context"
	"errors"
)

// A Request names the configuration to read.
type Request struct {
	// Application is one name, or several with commas in between, as Spring has it.
	Application string
	// Profiles are in the order in which they were asked for; the last wins.
	Profiles []string
	// Label is a branch, a tag or a commit, or empty for the source's default. A slash in
	// it is a slash, and not the (_) of Spring's paths.
	Label string
}

// An Environment is the configuration of one request, as Spring's server answers it.
type Environment struct {
	Name     string   `json:"name"`
	Profiles []string `json:"profiles"`
	Label    *string  `json:"label"` // null if neither the request nor the source has one
	// Version is what the source calls its state: the commit of git.
	Version *string `json:"version"`
	State   *string `json:"state"`
	// PropertySources are in the order of precedence: the first that has a key wins.
	PropertySources []PropertySource `json:"propertySources"`
}

// A PropertySource is one file, or one secret, of a source.
type PropertySource struct {
	Name string `json:"name"`
	// Source has flat keys, such as server.port or users[0].name. A value is a string, a
	// bool, a json.Number, or nil.
	Source map[string]any `json:"source"`
	// Order has the keys as the source has them one after the other, or some of them, or none. It
	// counts where keys exclude each other in nested forms, such as a and a[0].
	Order []string `json:"-"`
}

// A Source provides configuration. Its methods may be called at the same time.
type Source interface {
	// Name tells the source from others in logs and in /health: its kind, and no
	// credential and no address with one, such as "git" or "spring".
	Name() string

	// Fetch returns the configuration of a request, and the version that a later Fetch of the
	// same request may name as previous. Where that is still current, it returns
	// ErrUnchanged, as cheaply as the source allows; an empty previous is never current.
	//
	// It returns by the end of ctx, and keeps no more in memory than the source's bounds
	// whatever the other side sends. No error repeats a value or a credential. Values that are
	// encrypted ({cipher}…) are handed on as they are.
	Fetch(ctx context.Context, request Request, previous string) (Environment, string, error)
}

// ErrUnchanged is returned by Fetch if the previous version is still current.
var ErrUnchanged = errors.New("the configuration has not changed")

// ErrUnauthorized is wrapped by an error of Fetch if the server does not accept the credentials. The platform may have
// replaced those of a binding in place: the caller can read them again, and open the source anew.
var ErrUnauthorized = errors.New("the credentials were not accepted")

// A NotFoundError says that the source works, but lacks the requested configuration:
// for example, the label does not exist.
type NotFoundError struct {
	// Message says what was not found, without a value.
	Message string
}

func (e *NotFoundError) Error() string { return e.Message }
