package configserver

import (
	"context"
	"fmt"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/cipher"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
)

// readDecryption returns a function that makes decrypters. Without a key, they leave out encrypted values.
func readDecryption(ctx context.Context, environ []string) (func() keep.Decrypter, error) {
	s, err := surround(ctx, environ)
	if err != nil {
		return nil, err
	}
	settings, err := cipher.FromEnvironment(s.lookup, s.bound)
	if err != nil {
		return nil, fmt.Errorf("decryption: %w", err)
	}
	var decryptor *cipher.Decryptor
	if settings != nil {
		if decryptor, err = cipher.New(*settings); err != nil {
			return nil, err
		}
	}
	return func() keep.Decrypter { return decrypterOf(decryptor) }, nil
}

func decrypterOf(decryptor *cipher.Decryptor) keep.Decrypter {
	reader := decryptor.Reader()
	return func(env environment.Environment) (environment.Environment, []string) {
		if !hasEncrypted(env) {
			reader = decryptor.Reader()         // it has nothing to remember
			return env, cipher.Undecrypted(env) // without a copy
		}
		decrypted, _ := reader.Decrypt(env)
		return decrypted, cipher.Undecrypted(decrypted)
	}
}

// hasEncrypted reports whether an environment contains a value to decrypt.
func hasEncrypted(env environment.Environment) bool {
	for _, source := range env.PropertySources {
		for _, value := range source.Source {
			if text, ok := value.(string); ok && strings.HasPrefix(text, "{cipher}") {
				return true
			}
		}
	}
	return false
}
