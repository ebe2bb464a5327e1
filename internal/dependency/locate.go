package dependency

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

// Locate returns the address to download a file from: a mapping of its checksum, or else a mirror
// of its host, or else its own URI. Mirrors come from the variables BP_DEPENDENCY_MIRROR and
// BP_DEPENDENCY_MIRROR_HOST of environ; both mappings and mirrors come from bound services in any
// form, and from a directory of bindings below root, where packit's postal would find them.
// checksum includes the algorithm, as in sha256:DIGITS. No error contains the address of a mirror,
// which may have a password.
func Locate(environ []string, uri, checksum, root string) (string, error) {
	parsed, err := url.Parse(uri)
	if err != nil {
		return "", errors.New("failed to look for a mirror: the URI cannot be read") // its text may contain a password
	}
	if parsed.Scheme == "file" {
		return uri, nil // it is a local file
	}
	bound, err := bindings.Read(environ)
	if err != nil {
		return "", fmt.Errorf("failed to look for a mirror: %w", err)
	}
	own, err := bindings.ReadDirectory(filepath.Join(root, "bindings"))
	if err != nil {
		return "", fmt.Errorf("failed to look for a mirror: %w", err)
	}
	if mapped := mapping(append(bound, own...), checksum); mapped != "" {
		return mapped, nil
	}
	mirror, err := findMirror(environ, bound, own, parsed.Hostname())
	if err == nil && mirror.address != "" {
		uri, err = mirror.uri(parsed)
	}
	if err != nil {
		return "", fmt.Errorf("failed to look for a mirror: %w", err)
	}
	return uri, nil
}
