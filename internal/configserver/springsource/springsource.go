// Package springsource reads configuration from a Spring Cloud Config Server.
package springsource

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/token"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/outbound"
)

// Name is the source's name.
const Name = "spring"

// Options is for tests; the zero value is the default.
type Options struct {
	// Timeout limits a request to one address; 0 means outbound.DefaultTimeout.
	Timeout time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Source asks one address of the server after the other, starting with the last that answered.
type Source struct {
	settings Settings
	client   *http.Client
	tokens   *token.Client // nil without OAuth2
	current  atomic.Int32  // index of the last address that answered
	secret   []byte        // key of the fingerprints, see version
}

// New returns a source. The error names certificates that cannot be read.
func New(settings Settings, options Options) (*Source, error) {
	roots, _, err := outbound.Roots(settings.AuthorityDirectory)
	if err != nil {
		return nil, err
	}
	s := &Source{settings: settings, secret: make([]byte, 32)}
	rand.Read(s.secret) // never fails
	o := outbound.Options{Roots: roots, Timeout: options.Timeout, MaxAnswer: environment.MaxBytes}
	now := options.Now
	if now == nil {
		now = time.Now
	}
	if settings.TokenEndpoint != "" {
		// The endpoint gets no certificate: it asks for the client's secret.
		endpoint := outbound.NewClient(o)
		s.tokens = token.NewClient(token.Credentials{Endpoint: settings.TokenEndpoint, ID: settings.ClientID, Secret: settings.ClientSecret}, endpoint, now)
	}
	if settings.Certificate != "" {
		o.Identity = outbound.NewIdentity(settings.Certificate, settings.Key)
	}
	s.client = outbound.NewClient(o)
	return s, nil
}

// Name implements environment.Source.
func (s *Source) Name() string { return Name }

// Fetch implements environment.Source. The server has no conditional requests, and its version may stay the same
// although an override or another backend's secrets have changed. So it fetches everything, and the previous
// version is current if the answer is the same.
func (s *Source) Fetch(ctx context.Context, request environment.Request, previous string) (environment.Environment, string, error) {
	path, err := pathOf(request)
	if err != nil {
		return environment.Environment{}, "", err
	}
	content, err := s.askAll(ctx, path, stateOf(previous))
	if err != nil {
		return environment.Environment{}, "", err
	}
	found, err := parse(content)
	if err != nil {
		return environment.Environment{}, "", fmt.Errorf("failed to read the server's answer: %w", err)
	}
	version, err := s.version(found)
	switch {
	case err != nil:
		return environment.Environment{}, "", err
	case version == previous:
		return environment.Environment{}, "", environment.ErrUnchanged
	default:
		return found, version, nil
	}
}

// askAll tries the addresses until one answers. Otherwise, it returns the last error, as Spring's client does;
// but rejected credentials and "not found" take precedence over an address that does not answer.
func (s *Source) askAll(ctx context.Context, path, state string) ([]byte, error) {
	var failed error
	count := len(s.settings.Addresses)
	first := int(s.current.Load())
	for i := range count {
		at := (first + i) % count
		content, err := s.ask(ctx, s.settings.Addresses[at], path, state)
		if err == nil {
			s.current.Store(int32(at))
			return content, nil
		}
		if failed == nil || !isAnswer(failed) {
			failed = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, failed
}

func isAnswer(err error) bool {
	var notFound *environment.NotFoundError
	return errors.As(err, &notFound) || errors.Is(err, environment.ErrUnauthorized)
}

// ask asks at one address.
func (s *Source) ask(ctx context.Context, address *url.URL, path, state string) ([]byte, error) {
	request, err := newRequest(ctx, address, path, state)
	if err != nil {
		return nil, err
	}
	if s.settings.Username != "" {
		request.SetBasicAuth(s.settings.Username, s.settings.Password)
	}
	response, err := s.tokens.Do(s.client, request)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address.Host, err)
	}
	defer response.Body.Close() // it was only read
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %w", address.Host, s.refusal(response))
	}
	return io.ReadAll(response.Body)
}
