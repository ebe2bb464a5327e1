package bump

import (
	"context"
	"errors"
	"net/url"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/published"
)

// A Request names a dependency and its new version.
type Request struct {
	Name string
	// Version is the new one. Empty is the newest release, which is known of release pages in the
	// form of GitHub alone.
	Version string
	// Replace is the version whose entries are changed. It may be empty where there is one.
	Replace string
	// URI is where the new version is published; empty is where the old one is, with the new
	// version in the place of the old one.
	URI string
	// Uses are what sidecars of the buildpack take of the dependency.
	Uses []Use
}

// A Use is a sidecar of the catalog that uses the dependency.
type Use struct {
	Sidecar    string
	Executable string // below what is unpacked, or empty
	Strip      int    // leading parts of paths that are dropped
	Constraint string // which versions will do; empty is any
}

// A Source fetches what is published.
type Source interface {
	Look(ctx context.Context, uri string) (published.File, error)
	// Checksum is the SHA-256 of a file that is not looked at.
	Checksum(ctx context.Context, uri string) (string, error)
	// Redirect is where a server redirects a URI to.
	Redirect(ctx context.Context, uri string) (*url.URL, error)
}

// A Result is a changed manifest.yml.
type Result struct {
	Content []byte
	// From is the version that was replaced, To the new one.
	From, To string
	// Lower says that the new version precedes the old one.
	Lower   bool
	Changes []Change
	// Files are the published files of the new version, in the order of the entries.
	Files []published.File
}

// A Change is one line of manifest.yml with another value.
type Change struct {
	Line     int // counted from 1
	Key      string
	Old, New string
}

// ErrNewest says that the manifest has the newest release already.
var ErrNewest = errors.New("it is the newest release")
