package vaultsource

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/hashicorp/vault/api"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/outbound"
)

// statusError is an answer with an error status. It leaves out Vault's message, which may quote the request.
type statusError struct{ status int }

func (e *statusError) Error() string {
	return "found the status " + outbound.Status(e.status) + "; expected 200"
}

// explain strips address, answer and request from an error of Vault's client.
func explain(what string, err error) error {
	var refused *api.ResponseError
	var failed *url.Error
	switch {
	case errors.As(err, &refused):
		return fmt.Errorf("%s: %w", what, &statusError{refused.StatusCode})
	case errors.As(err, &failed):
		return fmt.Errorf("%s: %w", what, outbound.Cause(failed))
	default:
		return fmt.Errorf("%s: found an answer that is not Vault's", what)
	}
}

func isStatus(err error, status int) bool {
	var refused *api.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == status
}

// isInvalidSecretID reports whether AppRole refused the secret_id. Vault 1.14 answers that with the status 500.
func isInvalidSecretID(err error) bool {
	var refused *api.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusInternalServerError && slices.Contains(refused.Errors, "invalid secret id")
}
