// Package credhubsource reads configuration from CredHub, in the layout of Spring Cloud Config Server's CredHub
// backend: below /PATH/APPLICATION/PROFILE/LABEL.
package credhubsource

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/token"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/outbound"
)

// Name is the source's name.
const Name = "credhub"

// Options is for tests; the zero value is the default.
type Options struct {
	// Timeout limits one request; 0 means outbound.DefaultTimeout.
	Timeout time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Source reads credentials with the instance identity, or as a UAA client.
type Source struct {
	settings Settings
	server   server
}

// New returns a source. The error names certificates that cannot be read.
func New(settings Settings, options Options) (*Source, error) {
	roots, _, err := outbound.Roots(settings.AuthorityDirectory)
	if err != nil {
		return nil, err
	}
	s := &Source{settings, server{address: settings.Address}}
	o := outbound.Options{Roots: roots, Timeout: options.Timeout, MaxAnswer: environment.MaxBytes}
	if settings.TokenEndpoint != "" {
		now := options.Now
		if now == nil {
			now = time.Now
		}
		s.server.tokens = token.NewClient(token.Credentials{Endpoint: settings.TokenEndpoint, ID: settings.ClientID, Secret: settings.ClientSecret}, outbound.NewClient(o), now)
	} else {
		// A UAA client authorizes with its token alone.
		o.Identity = outbound.NewIdentity(settings.Certificate, settings.Key)
	}
	s.server.client = outbound.NewClient(o)
	return s, nil
}

// Name implements environment.Source.
func (s *Source) Name() string { return Name }

// Fetch implements environment.Source. The previous version is current if CredHub lists the same versions of the
// same credentials; in that case, it does not read their values.
func (s *Source) Fetch(ctx context.Context, request environment.Request, previous string) (environment.Environment, string, error) {
	layers, label, err := layersOf(s.settings, request)
	if err != nil {
		return environment.Environment{}, "", err
	}
	version, err := s.server.list(ctx, layers)
	if err != nil {
		return environment.Environment{}, "", err
	}
	if version == previous {
		return environment.Environment{}, "", environment.ErrUnchanged
	}
	answer := environment.Environment{Name: request.Application, Profiles: request.Profiles, Label: &label}
	reader := &reader{server: &s.server, ids: sha256.New()}
	for i, layer := range layers {
		values, err := reader.layer(ctx, layer)
		if err != nil {
			return environment.Environment{}, "", err
		}
		// Spring's server includes the first layer even if it is empty.
		if len(values) > 0 || i == 0 {
			answer.PropertySources = append(answer.PropertySources, environment.PropertySource{Name: layer.name, Source: values})
		}
	}
	shown := hex.EncodeToString(reader.ids.Sum(nil)[:16])
	answer.Version = &shown
	return answer, version, nil
}
