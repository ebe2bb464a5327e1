// Package source fetches a buildpack as the platform would: from a directory, a zip, the address of
// a zip, or a git repository.
package source

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// Open returns the directory of a buildpack: the named one, or one below work, to which it unpacks
// or clones the buildpack. The error is an *ArchiveError for a zip that the platform could not
// unpack either.
func Open(ctx context.Context, where, work string) (string, error) {
	address, err := url.Parse(where)
	switch {
	case err == nil && address.IsAbs() && strings.HasSuffix(address.Path, ".zip"):
		archive := filepath.Join(work, "download.zip")
		if err := download(ctx, address, archive); err != nil {
			return "", err
		}
		return unzip(ctx, archive, filepath.Join(work, "buildpack"))
	case err == nil && address.IsAbs():
		return clone(ctx, *address, filepath.Join(work, "buildpack"))
	}
	info, err := os.Stat(where)
	if err != nil {
		return "", fmt.Errorf("found no buildpack there (%w); expected a directory, a zip, or the address of a zip or a git repository", regularfile.Unread(redact.Text(where), err))
	}
	if info.IsDir() {
		return rootOf(where), nil
	}
	return unzip(ctx, where, filepath.Join(work, "buildpack"))
}
