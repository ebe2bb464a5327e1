// Package token has tokens of OAuth2 by client credentials, renewed before they end.
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

// renewBefore is how long before its end a token is replaced: for as long, a request may be under way.
const renewBefore = time.Minute

// Credentials are those of a client, and the endpoint that gives tokens for them.
type Credentials struct {
	Endpoint, ID, Secret string
	Scopes               []string
}

// A Client has a token at hand. Its methods may be called at the same time.
type Client struct {
	config clientcredentials.Config
	http   *http.Client
	now    func() time.Time

	mutex sync.Mutex
	token *oauth2.Token
	ends  time.Time // before the token does; zero: it has no end
}

// NewClient makes a client that has no token yet. Now tells the time of day.
func NewClient(credentials Credentials, http *http.Client, now func() time.Time) *Client {
	return &Client{
		config: clientcredentials.Config{ClientID: credentials.ID, ClientSecret: credentials.Secret, TokenURL: credentials.Endpoint, Scopes: credentials.Scopes},
		http:   http, now: now,
	}
}

// Authorize puts the token of now into a request's header, and returns it. The error wraps environment.ErrUnauthorized
// if the endpoint refuses the credentials, and quotes nothing of what it says.
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

// Do sends a request without a body, authorized by the token of now, or as it is by a client that is nil. A token that
// the server refuses may have been revoked before its end: another one is tried once. The error quotes nothing.
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

// Forget has the next request authorized by a new token, if the token that was used is still at hand: a
// server may end a token early.
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
		// By the clock that Authorize reads. The token of a short life is used once.
		c.ends = c.now().Round(0).Add(time.Until(token.Expiry) - renewBefore)
	}
	return nil
}

// codes are those of RFC 6749, 5.2. Others may be anything.
var codes = []string{"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"}

var errNoToken = errors.New("failed to get a token: found an answer without one; expected JSON with an access_token")

// explain is an error of package oauth2 without the answer that it quotes.
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
