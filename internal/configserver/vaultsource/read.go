package vaultsource

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// secret is the current version of an existing secret.
type secret struct {
	name    string
	version int
	created string
	data    map[string]any
}

// readAll reads the secrets that exist. If Vault rejects the token, which may have been revoked early, it tries
// once more with another one.
func (s *Source) readAll(ctx context.Context, names []string) ([]secret, error) {
	for try := 1; ; try++ {
		client, token, err := s.session.authorized(ctx)
		if err != nil {
			return nil, err
		}
		found, err := s.readWith(ctx, client, names)
		if err == nil || !isForbidden(err) {
			return found, err
		}
		another, failed := false, error(nil)
		if try == 1 {
			another, failed = s.session.again(ctx, token)
		}
		switch {
		case failed != nil:
			return nil, failed
		case !another:
			return nil, fmt.Errorf("%w: %w: expected a valid token, with a policy that lets it read this", err, environment.ErrUnauthorized)
		}
	}
}

func (s *Source) readWith(ctx context.Context, client *api.Client, names []string) ([]secret, error) {
	var found []secret
	bytes := 0
	for _, name := range names {
		one, err := s.read(ctx, client, name)
		if err != nil {
			return nil, err
		}
		if one == nil {
			continue
		}
		if bytes += sizeOf(one.data); bytes > environment.MaxBytes {
			return nil, fmt.Errorf("the secrets are larger than %d MB together", environment.MaxBytes>>20)
		}
		found = append(found, *one)
	}
	if len(found) == 0 {
		return nil, s.checkMount(ctx, client)
	}
	return found, nil
}

// read returns nil if the secret does not exist, or its current version is deleted.
func (s *Source) read(ctx context.Context, client *api.Client, name string) (*secret, error) {
	path := name
	if s.settings.Path != "" {
		path = s.settings.Path + "/" + name
	}
	found, err := client.KVv2(s.settings.Mount).Get(ctx, path)
	switch {
	case errors.Is(err, api.ErrSecretNotFound):
		return nil, nil
	case err != nil:
		return nil, explain(fmt.Sprintf("failed to read the secret %q at %q", path, s.settings.Mount), err)
	case found.VersionMetadata == nil:
		return nil, fmt.Errorf("failed to read the secret %q at %q: found one without a version; expected a KV engine of version 2", path, s.settings.Mount)
	case found.Data == nil:
		return nil, nil
	}
	return &secret{name, found.VersionMetadata.Version, found.VersionMetadata.CreatedTime.UTC().Format(time.RFC3339Nano), found.Data}, nil
}

// checkMount checks whether the engine exists if no secret was found: Vault gives the same answer for a missing
// engine as for a missing secret.
func (s *Source) checkMount(ctx context.Context, client *api.Client) error {
	found, err := client.Logical().ReadWithContext(ctx, "sys/internal/ui/mounts/"+s.settings.Mount)
	if err != nil {
		return explain(fmt.Sprintf("failed to find the KV engine at %q", s.settings.Mount), err)
	}
	if found != nil {
		if options, ok := found.Data["options"].(map[string]any); ok && options["version"] == "2" {
			return nil
		}
	}
	return fmt.Errorf("found no KV engine of version 2 at %q; expected the setting mount to name one", s.settings.Mount)
}

func isForbidden(err error) bool {
	var status *statusError
	return errors.As(err, &status) && status.status == http.StatusForbidden
}

// sizeOf estimates the size of decoded JSON, in bytes.
func sizeOf(value any) int {
	const each = 16
	size := each
	switch value := value.(type) {
	case map[string]any:
		for key, item := range value {
			size += len(key) + sizeOf(item)
		}
	case []any:
		for _, item := range value {
			size += sizeOf(item)
		}
	case string:
		size += len(value)
	}
	return size
}
