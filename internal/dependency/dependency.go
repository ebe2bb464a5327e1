// Package dependency finds dependencies in a buildpack's manifest.yml, by name, version and stack,
// as the other Cloud Foundry buildpacks do.
package dependency

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/cloudfoundry/libbuildpack"
	"gopkg.in/yaml.v2"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlerror"
)

// A Dependency is one entry of manifest.yml.
type Dependency struct {
	Name    string
	Version string
	// Artifact has its URI, its checksum, and its file in a cached buildpack.
	Artifact artifact.Artifact
}

// Dependencies are the entries of a manifest.yml for one stack.
type Dependencies struct {
	entries  []libbuildpack.ManifestEntry
	defaults []libbuildpack.Dependency
	stack    string
	packaged string // the stack that the buildpack is packaged for; empty for any
}

// Parse reads the content of a manifest.yml, without override.yml. stack is as for New.
func Parse(content []byte, stack string) (*Dependencies, error) {
	var manifest libbuildpack.Manifest
	if err := yaml.Unmarshal(content, &manifest); err != nil {
		return nil, yamlerror.Wrap("manifest.yml", content, err)
	}
	return from(&manifest, stack), nil
}

// New reads a manifest, and applies the override.yml files below the deps directory for its
// language. stack is the value of CF_STACK; if it is empty, entries for all stacks count.
func New(manifest *libbuildpack.Manifest, depsDir, stack string) (*Dependencies, error) {
	d := from(manifest, stack)
	if err := d.override(manifest.Language(), depsDir); err != nil {
		return nil, err
	}
	return d, nil
}

func from(manifest *libbuildpack.Manifest, stack string) *Dependencies {
	d := &Dependencies{
		entries:  slices.Clone(manifest.ManifestEntries),
		defaults: slices.Clone(manifest.DefaultVersions),
		stack:    stack,
		packaged: manifest.Stack,
	}
	if manifest.Stack != "" { // packaged for one stack; its entries name none
		for i := range d.entries {
			d.entries[i].CFStacks = []string{manifest.Stack}
		}
	}
	return d
}

// Resolve finds the newest version of a dependency that satisfies a constraint: an exact version,
// or one such as 1.x, 1.2.x or ">=1.2.0 <2.0.0". An empty constraint is that of default_versions,
// or matches the only version. The error lists the available versions.
func (d *Dependencies) Resolve(name, constraint string) (Dependency, error) {
	named := d.named(name)
	if len(named) == 0 && d.leftOut(name) {
		return Dependency{}, fmt.Errorf("dependency %q was left out when this buildpack was packaged. Use one that was packaged with it, as scripts/package.sh --cached --include %s makes it, or one that is not cached", name, name)
	}
	if len(named) == 0 {
		return Dependency{}, fmt.Errorf("manifest.yml has no dependency %q%s", redact.Text(name), suggest.Before(suggest.Name(name, d.names()), "it has "+list(d.names())))
	}
	fitting := slices.DeleteFunc(slices.Clone(named), func(e libbuildpack.ManifestEntry) bool { return !d.fits(e) })
	if len(fitting) == 0 {
		return Dependency{}, fmt.Errorf("dependency %q is not for the stack %q; manifest.yml has it for %s", name, d.stack, list(stacks(named)))
	}
	available := versions(fitting)
	if constraint == "" {
		var err error
		if constraint, err = d.defaultVersion(name, available); err != nil {
			return Dependency{}, err
		}
	}
	version, err := match(constraint, available)
	if err != nil {
		return Dependency{}, fmt.Errorf("dependency %q has no version %q for the stack %q; it has %s", name, redact.Text(constraint), d.stack, list(available))
	}
	i := slices.IndexFunc(fitting, func(e libbuildpack.ManifestEntry) bool { return e.Dependency.Version == version })
	found := fitting[i]
	return Dependency{Name: name, Version: version, Artifact: artifact.Artifact{
		URI: found.URI, Checksum: found.SHA256, File: found.File}}, nil
}

// leftOut reports whether packaging has removed a dependency of this name: for a profile, the
// packager removes entries from dependencies, but not from default_versions.
func (d *Dependencies) leftOut(name string) bool {
	return slices.ContainsFunc(d.defaults, func(known libbuildpack.Dependency) bool { return known.Name == name })
}

// Has reports whether there is a dependency of this name, for any stack.
func (d *Dependencies) Has(name string) bool { return len(d.named(name)) > 0 }

func (d *Dependencies) named(name string) []libbuildpack.ManifestEntry {
	var named []libbuildpack.ManifestEntry
	for _, e := range d.entries {
		if e.Dependency.Name == name {
			named = append(named, e)
		}
	}
	return named
}

func (d *Dependencies) fits(e libbuildpack.ManifestEntry) bool {
	return d.stack == "" || slices.Contains(e.CFStacks, d.stack)
}

func (d *Dependencies) defaultVersion(name string, available []string) (string, error) {
	var stated []string
	for _, known := range d.defaults {
		if known.Name == name {
			stated = append(stated, known.Version)
		}
	}
	switch {
	case len(stated) == 1:
		return stated[0], nil
	case len(stated) > 1:
		return "", fmt.Errorf("default_versions of manifest.yml has %d versions for %q, %s; expected one", len(stated), name, list(stated))
	case len(available) == 1:
		return available[0], nil
	default:
		return "", fmt.Errorf("dependency %q has several versions, %s, and default_versions of manifest.yml has none of them: state a version", name, list(available))
	}
}

// match prefers an exact match, since not every version can be compared. It also requires one for
// pre-releases: libbuildpack accepts 1.3.0-rc.1 for 1.2.x.
func match(constraint string, available []string) (string, error) {
	if slices.Contains(available, constraint) {
		return constraint, nil
	}
	comparable := slices.DeleteFunc(slices.Clone(available), func(version string) bool {
		parsed, err := semver.NewVersion(version)
		return err != nil || parsed.Prerelease() != ""
	})
	if len(comparable) == 0 {
		return "", errors.New("none")
	}
	return libbuildpack.FindMatchingVersion(constraint, comparable)
}

// Matches reports whether a version satisfies a constraint, as Resolve reads it.
func Matches(constraint, version string) bool {
	_, err := match(constraint, []string{version})
	return err == nil
}

func (d *Dependencies) names() []string {
	var names []string
	for _, e := range d.entries {
		names = append(names, e.Dependency.Name)
	}
	return names
}

func versions(entries []libbuildpack.ManifestEntry) []string {
	var all []string
	for _, e := range entries {
		all = append(all, e.Dependency.Version)
	}
	return all
}

func stacks(entries []libbuildpack.ManifestEntry) []string {
	var all []string
	for _, e := range entries {
		all = append(all, e.CFStacks...)
	}
	return all
}

// list joins the names without duplicates.
func list(names []string) string {
	var once []string
	for _, name := range names {
		if !slices.Contains(once, name) {
			once = append(once, name)
		}
	}
	if len(once) == 0 {
		return "none"
	}
	return strings.Join(once, ", ")
}
