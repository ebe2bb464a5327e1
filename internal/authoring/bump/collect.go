package bump

import (
	"context"
	"fmt"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/published"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/dependency"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/executable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
)

// A bumping collects the edits of one bump.
type bumping struct {
	Request
	source Source
	old    string // version
	edits  []edit
	files  []published.File
	seen   map[string]published.File // by URI
}

// entry collects the edits of one entry.
func (b *bumping) entry(ctx context.Context, e entry) error {
	b.edit(e.version, "version", b.Version)
	uri := b.URI
	if uri == "" {
		var err error
		if uri, err = substitute(e.uri, b.old, b.Version); err != nil {
			return err
		}
	}
	file, err := b.look(ctx, uri)
	switch {
	case err != nil:
		return err
	case file.SHA256 == e.sha256.Value && b.Version != b.old:
		return fmt.Errorf("found the file of version %s, by its SHA-256, at %s; expected that of %s: state its address with --uri", b.old, file.URI, b.Version)
	}
	b.edit(e.uri, "uri", uri)
	b.edit(e.sha256, "sha256", file.SHA256)
	if e.source == nil {
		return nil
	}
	source, err := substitute(e.source, b.old, b.Version)
	if err != nil {
		return err
	}
	b.edit(e.source, "source", source)
	if e.sourceSHA256 == nil {
		return nil
	}
	sum, err := b.source.Checksum(ctx, source)
	b.edit(e.sourceSHA256, "source_sha256", sum)
	return err
}

// look downloads a URI, once, and checks that the file has what the sidecars use.
func (b *bumping) look(ctx context.Context, uri string) (published.File, error) {
	if file, known := b.seen[uri]; known {
		return file, nil
	}
	file, err := b.used(ctx, uri)
	if err != nil {
		return published.File{}, err
	}
	b.seen[uri] = file
	b.files = append(b.files, file)
	return file, nil
}

// used returns the file at a URI, as the sidecars use it: they may drop different numbers of parts
// from its paths.
func (b *bumping) used(ctx context.Context, uri string) (published.File, error) {
	uses := b.Uses
	if len(uses) == 0 {
		uses = []Use{{}}
	}
	files := map[int]published.File{} // by strip
	for _, use := range uses {
		file, known := files[use.Strip]
		if !known {
			var err error
			if file, err = b.source.Look(ctx, uri, use.Strip); err != nil {
				return published.File{}, err
			}
			if file.IsPage() {
				return published.File{}, fmt.Errorf("found %s at %s; expected the file of %s %s", executable.Page, file.URI, b.Name, b.Version)
			}
			files[use.Strip] = file
		}
		if err := b.judge(use, file); err != nil {
			return published.File{}, err
		}
	}
	return files[uses[0].Strip], nil
}

// judge refuses a file that lacks a sidecar's program, or whose program cannot run in a container.
func (b *bumping) judge(use Use, file published.File) error {
	if use.Executable == "" {
		return nil
	}
	runs := fmt.Sprintf("the sidecar %q of buildpack.toml runs %q of %s", redact.Name(use.Sidecar), use.Executable, b.Name)
	if !file.Has(use.Executable) {
		return fmt.Errorf("%s, and found in %s: %s; expected that program, or another `executable` in buildpack.toml", runs, file.URI, paths(file, use.Strip))
	}
	if e, ok := file.Program(use.Executable); ok && e.Problem != "" {
		return fmt.Errorf("%s, which is %s in %s; %s", runs, redact.Text(e.Kind), file.URI, redact.Text(e.Problem))
	}
	return nil
}

// edit adds an edit, unless it changes nothing.
func (b *bumping) edit(node *yaml.Node, key, text string) {
	if node.Value != text {
		b.edits = append(b.edits, edit{node, key, text})
	}
}

// defaults updates the line of default_versions that no longer matches, and refuses to leave a
// constraint of the catalog unmatched.
func (b *bumping) defaults(d document) error {
	for _, use := range b.Uses {
		if use.Constraint != "" && dependency.Matches(use.Constraint, b.old) && !dependency.Matches(use.Constraint, b.Version) {
			return fmt.Errorf("the sidecar %q of buildpack.toml wants version %q of %s, which %s is not; change that first",
				redact.Name(use.Sidecar), use.Constraint, b.Name, b.Version)
		}
	}
	for _, c := range d.defaults {
		if c.name.Value != b.Name || !dependency.Matches(c.version.Value, b.old) || dependency.Matches(c.version.Value, b.Version) {
			continue
		}
		constraint, ok := sameDepth(c.version.Value, b.Version)
		if !ok || !dependency.Matches(constraint, b.Version) {
			return fmt.Errorf("manifest.yml, line %d: found the default version %q of %s, which %s does not match; change that line first, to %q for example",
				c.version.Line, redact.Text(c.version.Value), b.Name, b.Version, b.Version)
		}
		b.edit(c.version, "version", constraint)
	}
	return nil
}

// paths lists the programs in a file by the paths that sidecars would use, or all files if there is
// no program.
func paths(file published.File, strip int) string {
	const maxListed = 10
	names := file.Paths()
	before := "no program, but "
	if len(file.Executables) > 0 {
		names, before = nil, ""
		for _, one := range file.Executables {
			names = append(names, one.Path)
		}
	}
	switch {
	case len(names) == 0 && strip > 0:
		return fmt.Sprintf("nothing below the %d leading parts of paths that `strip` drops", strip)
	case len(names) == 0:
		return "no file"
	case len(names) > maxListed:
		names = append(names[:maxListed:maxListed], fmt.Sprintf("and %d more", len(names)-maxListed))
	}
	return before + list(names)
}
