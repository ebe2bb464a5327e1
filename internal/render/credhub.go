package render

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/credhub"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
)

// Variables about CredHub. The platform sets the first one, which the launcher removes before it
// starts a process; at staging, it is present (CF-53).
const (
	platformVariable = "VCAP_PLATFORM_OPTIONS"
	addressVariable  = "CREDHUB_API" // an operator's or a developer's, as for the credhub CLI
	skipVariable     = "CREDHUB_SKIP_INTERPOLATION"
)

// CredHubAddress returns the address of the platform's CredHub in an environment, or nothing.
func CredHubAddress(environ []string) string {
	var options struct {
		CredHub string `json:"credhub-uri"`
	}
	if err := json.Unmarshal([]byte(env.Get(environ, platformVariable)), &options); err != nil {
		return "" // there is none, or the launcher rejects it itself
	}
	return options.CredHub
}

// resolver returns a function that gets the credentials which a binding refers to from CredHub,
// with the identity of the instance whose environment this is. If CREDHUB_SKIP_INTERPOLATION is
// set, the function returns the binding unchanged. The address is CREDHUB_API or, without it, the
// address that staging recorded.
func resolver(environ []string, staged string) func(bindings.Binding) (bindings.Binding, error) {
	return func(b bindings.Binding) (bindings.Binding, error) {
		if env.Get(environ, skipVariable) != "" {
			return b, nil
		}
		client := credhub.Client{
			Address:     cmp.Or(env.Get(environ, addressVariable), CredHubAddress(environ), staged),
			Certificate: env.Get(environ, certificateVariable), Key: env.Get(environ, keyVariable),
		}
		if client.Address == "" {
			return b, fmt.Errorf("the credentials of the service %q are in CredHub, of which no address is known; expected it in %s", b.Name, addressVariable)
		}
		if client.Certificate == "" || client.Key == "" {
			return b, fmt.Errorf("the credentials of the service %q are in CredHub, and the instance has no identity to read them with; expected %s and %s to be set",
				b.Name, certificateVariable, keyVariable)
		}
		if directory := env.Get(environ, authoritiesVariable); directory != "" {
			authorities, err := readAuthorities(directory)
			if err != nil {
				return b, err
			}
			client.Authorities = []byte(authorities)
		}
		return interpolated(client, b)
	}
}

// interpolated returns a binding with the credentials that its reference leads to.
func interpolated(client credhub.Client, b bindings.Binding) (bindings.Binding, error) {
	type service struct {
		Name        string         `json:"name"`
		Label       string         `json:"label"`
		Credentials map[string]any `json:"credentials"`
	}
	question, err := json.Marshal(map[string][]service{b.Label: {{b.Name, b.Label, b.Credentials}}})
	if err != nil {
		return b, fmt.Errorf("failed to ask for the credentials of the service %q", b.Name) // it is JSON
	}
	answer, err := client.Interpolate(context.Background(), question)
	if err != nil {
		return b, fmt.Errorf("the service %q: %w", b.Name, err)
	}
	all, err := bindings.Parse(answer)
	if err == nil && (len(all) != 1 || refersToCredHub(all[0])) {
		err = errors.New("found no credentials of the binding; expected those that it refers to")
	}
	if err != nil {
		return b, fmt.Errorf("the service %q: failed to read the answer of CredHub: %w", b.Name, err)
	}
	b.Credentials, b.Structured, b.Written = all[0].Credentials, nil, all[0].Written
	return b, nil
}
