package stage

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/droplets"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// maxResultSize is the most that is read of a staging result, in bytes.
const maxResultSize = 16 << 20

// hideAddresses leaves user, password and query of the buildpacks' addresses out of a staging
// result. The builder writes the addresses that it was given there (CF-12); Cloud Controller shows
// users such an address without its password, too (its url_secret_obfuscator.rb). Everything else
// stays as it is, including keys that this version does not know.
func hideAddresses(staged droplets.Droplet, buildpacks []string) error {
	content, err := regularfile.Read(staged.Result(), maxResultSize)
	if err != nil {
		return fmt.Errorf("failed to read the staging result: %w", err)
	}
	shown, err := withoutSecrets(content, buildpacks)
	if err != nil || bytes.Equal(shown, content) {
		return err
	}
	if err := os.WriteFile(staged.Result(), shown, 0o600); err != nil {
		return fmt.Errorf("failed to write the staging result without the secrets of addresses: %w", err)
	}
	return nil
}

// withoutSecrets is JSON in which each text that is one of the buildpacks, as the builder is told
// of it, is as redact.Repository shows it. Without such a text, it is the same bytes.
func withoutSecrets(content []byte, buildpacks []string) ([]byte, error) {
	shown := map[string]string{}
	for _, name := range buildpacks {
		key := buildpackKey(name)
		if without := redact.Repository(key); without != key {
			shown[key] = without
		}
	}
	if len(shown) == 0 {
		return content, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var result any
	if err := decoder.Decode(&result); err != nil {
		return nil, errors.New("failed to read the staging result: found something other than JSON; expected what the builder writes")
	}
	var written bytes.Buffer
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(replaced(result, shown))
	return written.Bytes(), err
}

// replaced is decoded JSON with other texts in place of some.
func replaced(value any, texts map[string]string) any {
	switch value := value.(type) {
	case string:
		if text, ok := texts[value]; ok {
			return text
		}
	case []any:
		value = slices.Clone(value)
		for i, item := range value {
			value[i] = replaced(item, texts)
		}
		return value
	case map[string]any:
		object := make(map[string]any, len(value))
		for key, item := range value {
			object[key] = replaced(item, texts)
		}
		return object
	}
	return value
}
