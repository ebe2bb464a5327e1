// Package vaultsource reads configuration from HashiCorp Vault's KV engine, version 2, in the layout of Spring
// Cloud Config Server's Vault backend.
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

// Name is the source's name.
const Name = "vault"

// Spring's names for the application and the profile that apply to all.
const (
	commonApplication = "application"
	commonProfile     = "default"
)

// Options is for tests; the zero value is the default.
type Options struct {
	// Timeout limits one request; 0 means outbound.DefaultTimeout.
	Timeout time.Duration
	// Now returns the wall-clock time; nil means time.Now.
	Now func() time.Time
}

// Source reads secrets with a session's token.
type Source struct {
	settings Settings
	session  *session
}

// New returns a source, which logs in on first use. The error names certificates that cannot be read.
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

// newClient returns a client of Vault that ignores the app's own VAULT_* variables and does not retry: the
// caller retries, and the HTTP client follows redirects.
func newClient(settings Settings, http *http.Client) (*api.Client, error) {
	client, err := api.NewClient(&api.Config{Address: settings.Address.String(), HttpClient: http, DisableRedirects: true})
	if err != nil {
		return nil, errors.New("failed to set up Vault's client: it cannot read the app's variables VAULT_*")
	}
	client.SetMaxRetries(0)
	client.ClearToken()
	client.ClearNamespace()
	if settings.Namespace != "" {
		client.SetNamespace(settings.Namespace)
	}
	return client, nil
}

// Name implements environment.Source.
func (s *Source) Name() string { return Name }

// Fetch implements environment.Source. The previous version is current if all secrets have the same versions as
// then. Reading only the metadata would take as many requests, and a permission that a role may lack.
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

// secretsOf returns the names of the secrets; the first wins. Example: orders,cloud; application,cloud; orders;
// application.
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

// versionsOf returns the versions of secrets as a person reads them, such as orders:3;application:1, and a
// fingerprint of these and of the versions' creation times: a secret that was removed and created again starts
// over at 1.
func versionsOf(found []secret) (shown, fingerprint string) {
	sum := sha256.New()
	var all []string
	for _, secret := range found {
		all = append(all, fmt.Sprintf("%s:%d", secret.name, secret.version))
		fmt.Fprintf(sum, "%s:%d:%s\n", secret.name, secret.version, secret.created)
	}
	return strings.Join(all, ";"), hex.EncodeToString(sum.Sum(nil)[:16])
}
