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
	// Version is the new version; empty for the newest release, which is only known for releases on
	// pages like GitHub's.
	Version string
	// Replace is the version whose entries are changed. It may be empty if there is only one.
	Replace string
	// URI is the address of the new version; if empty, the old address with the version replaced.
	URI string
	// Uses are the sidecars of the buildpack that use the dependency.
	Uses []Use
}

// A Use is a sidecar of the catalog that uses the dependency.
type Use struct {
	Sidecar    string
	Executable string // its path in the unpacked archive, or empty
	Strip      int    // how many leading parts of paths to drop
	Constraint string // the acceptable versions; empty for any
}

// A Source downloads published files.
type Source interface {
	// Look inspects a file as published.Look does.
	Look(ctx context.Context, uri string, strip int) (published.File, error)
	// Checksum returns the SHA-256 of a file without inspecting it.
	Checksum(ctx context.Context, uri string) (string, error)
	// Redirect returns the address to which a server redirects a URI.
	Redirect(ctx context.Context, uri string) (*url.URL, error)
}

// A Result is a changed manifest.yml.
type Result struct {
	Content []byte
	// From is the replaced version, To the new one.
	From, To string
	// Lower is true if the new version precedes the old one.
	Lower   bool
	Changes []Change
	// Files are the published files of the new version, in the order of the entries.
	Files []published.File
}

// A Change is a line of manifest.yml with a changed value.
type Change struct {
	Line     int // counted from 1
	Key      string
	Old, New string
}

// ErrNewest says that the manifest already has the newest release.
var ErrNewest = errors.New("it is the newest release")
