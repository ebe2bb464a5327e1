// Package bump changes a dependency in a buildpack's manifest.yml to a new version: it downloads
// the published files, and changes version, URI and checksum of their entries, and nothing else in
// the file.
package bump

import (
	"context"
	"fmt"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/published"
)

// Manifest returns the changed content of a manifest.yml. If anything fails, there is no result:
// the error says what was found, and what was expected.
func Manifest(ctx context.Context, content []byte, r Request, from Source) (Result, error) {
	document, err := parse(content)
	if err != nil {
		return Result{}, err
	}
	entries, err := document.entriesOf(r)
	if err != nil {
		return Result{}, err
	}
	old := entries[0].version.Value
	if r.Version == "" {
		if r.Version, err = newest(ctx, from, entries[0].uri.Value, old); err != nil {
			return Result{}, fmt.Errorf("failed to find the newest version of %s: %w", r.Name, err)
		}
	}
	if err := document.checkNew(r, old); err != nil {
		return Result{}, err
	}
	b := &bumping{Request: r, source: from, old: old, seen: map[string]published.File{}}
	for _, e := range entries {
		if err := b.entry(ctx, e); err != nil {
			return Result{}, err
		}
	}
	if err := b.defaults(document); err != nil {
		return Result{}, err
	}
	changed, err := apply(content, b.edits)
	if err == nil {
		err = verify(content, changed, b.edits)
	}
	return Result{Content: changed, From: old, To: r.Version, Lower: lower(r.Version, old), Changes: changes(b.edits), Files: b.files}, err
}
