package dependency

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

// Locate is where to fetch a file from: its URI or, if there is one, that of a mapping of its
// checksum, or else of a mirror of its host. They come from the variables BP_DEPENDENCY_MIRROR and
// BP_DEPENDENCY_MIRROR_HOST of environ, from the bound services in any of their forms, and then from
// a directory of bindings below root, as packit's postal would find them. Checksum has the algorithm
// in front, as in sha256:DIGITS. No error holds the address of a mirror, which may have a password.
func Locate(environ []string, uri, checksum, root string) (string, error) {
	parsed, err := url.Parse(uri)
	if err != nil {
		return "", errors.New("failed to look for a mirror: the URI cannot be read") // its text may hold a password
	}
	if parsed.Scheme == "file" {
		return uri, nil // it is here already
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
