// Package credhubsource is CredHub as a source of configuration. It reads credentials in the layout of
// Spring Cloud Config Server's backend for CredHub: below /PATH/APPLICATION/PROFILE/LABEL.
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

// Name is that of the source.
const Name = "credhub"

// Options are for tests; otherwise, the zero value is right.
type Options struct {
	// Timeout is that of a request; 0 is outbound.DefaultTimeout.
	Timeout time.Duration
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// A Source reads credentials with the instance's identity, or as a client of UAA.
type Source struct {
	settings Settings
	server   server
}

// New makes a source. The error names certificates that cannot be read.
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
		// A client of UAA is authorized by its token alone.
		o.Identity = outbound.NewIdentity(settings.Certificate, settings.Key)
	}
	s.server.client = outbound.NewClient(o)
	return s, nil
}

// Name is described with environment.Source.
func (s *Source) Name() string { return Name }

// Fetch is described with environment.Source. The previous version is current if CredHub lists the same versions
// of the same credentials; their values are not asked for then.
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
		// Spring's server has the first of them, even if it is empty.
		if len(values) > 0 || i == 0 {
			answer.PropertySources = append(answer.PropertySources, environment.PropertySource{Name: layer.name, Source: values})
		}
	}
	shown := hex.EncodeToString(reader.ids.Sum(nil)[:16])
	answer.Version = &shown
	return answer, version, nil
}
