package gitsource

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/outbound"
)

// failure removes addresses, credentials and the server's words from an error. authenticated says whether
// credentials were sent.
func failure(ctx context.Context, doing string, authenticated bool, err error) error {
	return fmt.Errorf("failed to %s the git server: %w", doing, cause(ctx, authenticated, err))
}

func cause(ctx context.Context, authenticated bool, err error) error {
	var unexpected *plumbing.UnexpectedError
	for errors.As(err, &unexpected) { // it does not unwrap
		err = unexpected.Err
	}
	status, hasStatus := errors.AsType[*githttp.Err](err)
	if limit, is := errors.AsType[*limitError](err); is {
		return limit
	}
	if unsupported, is := errors.AsType[*unsupportedError](err); is {
		return unsupported
	}
	if kept, is := errors.AsType[*storeError](err); is {
		return kept
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, transport.ErrAuthenticationRequired) && !authenticated:
		return fmt.Errorf("%w: it requires some, but none are set: set CONFIG_SERVER_GIT_USERNAME and CONFIG_SERVER_GIT_PASSWORD, or CONFIG_SERVER_GIT_TOKEN, or bind a service with git_username and git_password", environment.ErrUnauthorized)
	case errors.Is(err, transport.ErrAuthenticationRequired), errors.Is(err, transport.ErrAuthorizationFailed):
		return fmt.Errorf("%w: expected a user and a password, or a token, that may read the repository", environment.ErrUnauthorized)
	case errors.Is(err, transport.ErrRepositoryNotFound):
		return errors.New("it has no such repository, or these credentials may not read it")
	case hasStatus:
		return fmt.Errorf("it answered with the status %d", status.StatusCode())
	case strings.Contains(err.Error(), "http redirect"):
		return errors.New("it redirects to another server or from https to http; expected the address that it redirects to")
	}
	return outbound.Cause(err)
}
