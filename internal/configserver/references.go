package configserver

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/credhub"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// referenceKey is the only credential of a binding whose credentials are in CredHub. The launcher resolves it
// only in VCAP_SERVICES (CF-42), not in files.
const referenceKey = "credhub-ref"

// services are the names, labels and tags of services that configure a source.
var services = []string{"config-server", "p-config-server", "p.config-server", "configuration"}

// resolve replaces CredHub references in the bindings that configure a source with their credentials.
func resolve(ctx context.Context, environ []string, bound []bindings.Binding) error {
	for i, b := range bound {
		_, refers := b.Credentials[referenceKey]
		if !refers || !slices.ContainsFunc(services, b.Is) {
			continue
		}
		credentials, err := ask(ctx, environ, b)
		if err != nil {
			return fmt.Errorf("the credentials of the service %q are in CredHub: %w", b.Name, err)
		}
		bound[i].Credentials = credentials
	}
	return nil
}

// ask reads the credentials of one binding with the instance identity (CF-43).
func ask(ctx context.Context, environ []string, b bindings.Binding) (map[string]any, error) {
	client := credhub.Client{
		Address:     env.Get(environ, "CREDHUB_API"),
		Certificate: env.Get(environ, "CF_INSTANCE_CERT"), Key: env.Get(environ, "CF_INSTANCE_KEY"),
		Authorities: readAuthorities(env.Get(environ, "CF_SYSTEM_CERT_PATH")),
	}
	if client.Address == "" || client.Certificate == "" || client.Key == "" {
		return nil, errors.New("expected CREDHUB_API to have its address, and CF_INSTANCE_CERT and CF_INSTANCE_KEY the instance's identity")
	}
	name := cmp.Or(b.Label, "user-provided")
	question, err := json.Marshal(map[string]any{name: []any{map[string]any{"name": b.Name, "credentials": b.Credentials}}})
	if err != nil {
		return nil, errors.New("the reference is not JSON") // not quoted
	}
	answer, err := client.Interpolate(ctx, question)
	if err != nil {
		return nil, err
	}
	all, err := bindings.Parse(answer)
	if err != nil {
		return nil, err
	}
	if len(all) != 1 || all[0].Credentials[referenceKey] != nil {
		return nil, errors.New("found no credentials in its answer; expected those that the binding refers to")
	}
	return all[0].Credentials, nil
}

// readAuthorities returns the operator's certificates. If one cannot be read, the connection fails without it,
// and says so.
func readAuthorities(directory string) []byte {
	const maxCertificates = 4 << 20
	paths, err := filepath.Glob(filepath.Join(directory, "*.crt"))
	if err != nil || directory == "" {
		return nil
	}
	var all strings.Builder
	for _, path := range paths {
		if content, err := regularfile.Read(path, maxCertificates); err == nil {
			all.Write(content)
			all.WriteByte('\n')
		}
	}
	return []byte(all.String())
}
