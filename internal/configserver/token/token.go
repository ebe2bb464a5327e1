// Package token gets OAuth2 tokens by client credentials, and renews them before they expire.
package token

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/outbound"
)

// renewBefore is how long before it expires a token is replaced: a request may take that long.
const renewBefore = time.Minute

// Credentials are a client's credentials, and the endpoint that issues tokens for them.
type Credentials struct {
	Endpoint, ID, Secret string
	Scopes               []string
}

// Client caches a token. Its methods are safe for concurrent use.
type Client struct {
	config clientcredentials.Config
	http   *http.Client
	now    func() time.Time

	mutex sync.Mutex
	token *oauth2.Token
	ends  time.Time // when to replace it, before the token expires; zero: never
}

// NewClient returns a client without a token. now returns the wall-clock time.
func NewClient(credentials Credentials, http *http.Client, now func() time.Time) *Client {
	return &Client{
		config: clientcredentials.Config{ClientID: credentials.ID, ClientSecret: credentials.Secret, TokenURL: credentials.Endpoint, Scopes: credentials.Scopes},
		http:   http, now: now,
	}
}

// Authorize sets the current token in a request's header, and returns it. The error wraps
// environment.ErrUnauthorized if the endpoint rejects the credentials, and quotes nothing that the endpoint
// says.
func (c *Client) Authorize(request *http.Request) (used string, err error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.token == nil || !c.ends.IsZero() && !c.now().Round(0).Before(c.ends) {
		if err := c.renewLocked(request.Context()); err != nil {
			return "", err
		}
	}
	c.token.SetAuthHeader(request)
	return c.token.AccessToken, nil
}

// Do sends a request without a body, authorized by the current token; a nil Client sends it as it is. If the
// server rejects the token, which may have been revoked early, Do tries once more with a new one. The error
// quotes nothing.
func (c *Client) Do(by *http.Client, request *http.Request) (*http.Response, error) {
	for try := 1; ; try++ {
		used := ""
		if c != nil {
			var err error
			if used, err = c.Authorize(request); err != nil {
				return nil, err
			}
		}
		response, err := by.Do(request)
		if err != nil {
			return nil, outbound.Cause(err)
		}
		if c == nil || response.StatusCode != http.StatusUnauthorized || try == 2 {
			return response, nil
		}
		_ = response.Body.Close() // it was not needed
		c.Forget(used)
	}
}

// Forget drops the cached token if it equals used, which the server rejected: a server may revoke a token early.
// The next request gets a new token.
func (c *Client) Forget(used string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.token != nil && c.token.AccessToken == used {
		c.token = nil
	}
}

func (c *Client) renewLocked(ctx context.Context) error {
	c.token = nil
	token, err := c.config.Token(context.WithValue(ctx, oauth2.HTTPClient, c.http))
	if err != nil {
		return explain(err)
	}
	c.token, c.ends = token, time.Time{}
	if !token.Expiry.IsZero() {
		// By the clock that Authorize reads. A short-lived token is used once.
		c.ends = c.now().Round(0).Add(time.Until(token.Expiry) - renewBefore)
	}
	return nil
}

// codes are those of RFC 6749, 5.2. Other codes could be anything.
var codes = []string{"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"}

var errNoToken = errors.New("failed to get a token: found an answer without one; expected JSON with an access_token")

// explain strips the answer, which package oauth2 quotes, from an error.
func explain(err error) error {
	var refused *oauth2.RetrieveError
	var failed *url.Error
	switch {
	case errors.As(err, &failed):
		return fmt.Errorf("failed to get a token: %w", outbound.Cause(failed))
	case !errors.As(err, &refused) || refused.Response == nil:
		return errNoToken
	}
	said := outbound.Status(refused.Response.StatusCode)
	if slices.Contains(codes, refused.ErrorCode) {
		said += ", " + refused.ErrorCode
	}
	switch status := refused.Response.StatusCode; {
	case status == http.StatusOK:
		return errNoToken
	case status == http.StatusBadRequest, status == http.StatusUnauthorized, status == http.StatusForbidden:
		return fmt.Errorf("failed to get a token: found the status %s: %w: expected the client's id and secret to be valid at this endpoint", said, environment.ErrUnauthorized)
	default:
		return fmt.Errorf("failed to get a token: found the status %s; expected 200", said)
	}
}
