// Package springsource is a Spring Cloud Config Server as a source of configuration.
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

// Name is that of the source.
const Name = "spring"

// Options are for tests; otherwise, the zero value is right.
type Options struct {
	// Timeout is that of a request to one address; 0 is outbound.DefaultTimeout.
	Timeout time.Duration
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// A Source asks a server at one address after the other, the last that has answered first.
type Source struct {
	settings Settings
	client   *http.Client
	tokens   *token.Client // nil without OAuth2
	current  atomic.Int32  // the index of the address that has answered last
	secret   []byte        // makes fingerprints, see version
}

// New makes a source. The error names certificates that cannot be read.
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
		// The endpoint is shown no certificate: the client's secret is what it asks for.
		endpoint := outbound.NewClient(o)
		s.tokens = token.NewClient(token.Credentials{Endpoint: settings.TokenEndpoint, ID: settings.ClientID, Secret: settings.ClientSecret}, endpoint, now)
	}
	if settings.Certificate != "" {
		o.Identity = outbound.NewIdentity(settings.Certificate, settings.Key)
	}
	s.client = outbound.NewClient(o)
	return s, nil
}

// Name is described with environment.Source.
func (s *Source) Name() string { return Name }

// Fetch is described with environment.Source. The server has no conditional requests: its version may stay where an
// override or the secrets of another backend have changed. So all is fetched, and the previous version is current if
// nothing in the answer has changed.
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

// askAll asks at each address until one answers, and has the last error otherwise, as Spring's client does. Refused
// credentials and what is not found count for more than an address that does not answer.
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
