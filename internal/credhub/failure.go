package credhub

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/cenkalti/backoff/v5"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/outbound"
)

// refused returns the error for an answer without credentials. It leaves out CredHub's message, which may quote
// the request.
func refused(status int) error {
	err := fmt.Errorf("found the status %s; expected 200", outbound.Status(status))
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotFound:
		return backoff.Permanent(fmt.Errorf("%w: the app may not read the credentials of this binding, or there are none: bind the service again", err))
	case status >= http.StatusInternalServerError || status == http.StatusTooManyRequests:
		return err
	default:
		return backoff.Permanent(err)
	}
}

// rootCause returns outbound.Cause(err), and makes it permanent if the server's certificate is not trusted.
func rootCause(err error) error {
	cause := outbound.Cause(err)
	var untrusted *outbound.UntrustedError
	if errors.As(cause, &untrusted) {
		return backoff.Permanent(cause)
	}
	return cause
}
