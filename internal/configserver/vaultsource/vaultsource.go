// Package vaultsource is HashiCorp Vault's KV engine, version 2, as a source of configuration. It
// reads secrets in the layout of Spring Cloud Config Server's backend for Vault.
package vaultsource

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/outbound"
)

// Name is that of the source.
const Name = "vault"

// Spring's names for what all applications and all profiles have.
const (
	commonApplication = "application"
	commonProfile     = "default"
)

// Options are for tests; otherwise, the zero value is right.
type Options struct {
	// Timeout is that of a request; 0 is outbound.DefaultTimeout.
	Timeout time.Duration
	// Now tells the time of day; nil is time.Now.
	Now func() time.Time
}

// A Source reads secrets with the token of a session.
type Source struct {
	settings Settings
	session  *session
}

// New makes a source, which logs in when it is asked first. The error names certificates that cannot be read.
func New(settings Settings, options Options) (*Source, error) {
	roots, _, err := outbound.Roots(settings.AuthorityDirectory)
	if err != nil {
		return nil, err
	}
	o := outbound.Options{Roots: roots, Timeout: options.Timeout, MaxAnswer: environment.MaxBytes}
	s := &session{settings: settings, now: options.Now}
	if s.now == nil {
		s.now = time.Now
	}
	if settings.Certificate != "" && settings.Key != "" {
		s.identity = outbound.NewIdentity(settings.Certificate, settings.Key)
		o.Identity = s.identity
	}
	client := outbound.NewClient(o)
	for _, into := range []**api.Client{&s.login, &s.client} {
		if *into, err = newClient(settings, client); err != nil {
			return nil, err
		}
	}
	return &Source{settings, s}, nil
}

// newClient makes a client of Vault that has nothing of the app's own variables VAULT_*, and asks once: asking again is
// the caller's part, and redirections are the HTTP client's.
func newClient(settings Settings, http *http.Client) (*api.Client, error) {
	client, err := api.NewClient(&api.Config{Address: settings.Address.String(), HttpClient: http, DisableRedirects: true})
	if err != nil {
		return nil, errors.New("failed to set up Vault's client: found values in variables VAULT_* of the app that it cannot read")
	}
	client.SetMaxRetries(0)
	client.ClearToken()
	client.ClearNamespace()
	if settings.Namespace != "" {
		client.SetNamespace(settings.Namespace)
	}
	return client, nil
}

// Name is described with environment.Source.
func (s *Source) Name() string { return Name }

// Fetch is described with environment.Source. The previous version is current if all secrets have the versions of
// then: to ask for these alone would take as many requests, and a right that a role may lack.
func (s *Source) Fetch(ctx context.Context, request environment.Request, previous string) (environment.Environment, string, error) {
	names, err := secretsOf(request)
	if err != nil {
		return environment.Environment{}, "", err
	}
	found, err := s.readAll(ctx, names)
	if err != nil {
		return environment.Environment{}, "", err
	}
	shown, version := versionsOf(found)
	if version == previous {
		return environment.Environment{}, "", environment.ErrUnchanged
	}
	answer := environment.Environment{Name: request.Application, Profiles: request.Profiles, Version: &shown}
	if request.Label != "" {
		answer.Label = &request.Label
	}
	for _, secret := range found {
		flat, err := environment.Flatten(secret.data)
		if err != nil {
			return environment.Environment{}, "", fmt.Errorf("the secret %q: found one %w", secret.name, err)
		}
		if len(flat) > 0 {
			answer.PropertySources = append(answer.PropertySources, environment.PropertySource{Name: "vault:" + secret.name, Source: flat})
		}
	}
	return answer, version, nil
}

// secretsOf are the names of secrets, the first of which wins, such as orders,cloud; application,cloud; orders; application.
func secretsOf(request environment.Request) ([]string, error) {
	var names []string
	for _, profile := range environment.ByPrecedence(request.Profiles, commonProfile) {
		for _, application := range environment.ByPrecedence(strings.Split(request.Application, ","), commonApplication) {
			name := application
			if profile != commonProfile {
				name += "," + profile
			}
			if strings.Contains(name, "/") || !isPath(name) {
				return nil, &environment.NotFoundError{Message: "found a name that no application or profile has; expected names without slashes, percent and question marks"}
			}
			names = append(names, name)
		}
	}
	return names, nil
}

// versionsOf is the version of secrets as a person reads it, such as orders:3;application:1, and a fingerprint of that and of
// when the versions were made: a secret that was removed and is there again starts with 1.
func versionsOf(found []secret) (shown, fingerprint string) {
	sum := sha256.New()
	var all []string
	for _, secret := range found {
		all = append(all, fmt.Sprintf("%s:%d", secret.name, secret.version))
		fmt.Fprintf(sum, "%s:%d:%s\n", secret.name, secret.version, secret.created)
	}
	return strings.Join(all, ";"), hex.EncodeToString(sum.Sum(nil)[:16])
}
