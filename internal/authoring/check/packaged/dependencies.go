package packaged

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/cloudfoundry/libbuildpack"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
)

var (
	sum         = regexp.MustCompile(`^[0-9a-f]{64}$`)
	profileName = regexp.MustCompile(`^[a-z0-9_-]+$`)
)

func (b *Buildpack) checkDependencies(m manifest) {
	seen := map[string]bool{}
	for _, d := range m.Dependencies {
		at := func(t text, format string, args ...any) finding.Finding {
			line := t.Line
			if line == 0 {
				line = d.Line
			}
			return finding.Finding{File: manifestFile, Line: line, Found: d.label() + ": " + fmt.Sprintf(format, args...)}
		}
		for _, field := range []struct {
			name  string
			value text
		}{{"name", d.Name}, {"version", d.Version}, {"uri", d.URI}} {
			if field.value.Value == "" {
				b.add(finding.DependencyField, at(field.value, "no %s", field.name))
			}
		}
		switch {
		case d.SHA256.Value == "":
			b.add(finding.DependencySum, at(d.SHA256, "no sha256"))
		case !sum.MatchString(d.SHA256.Value):
			b.add(finding.DependencySum, at(d.SHA256, "text other than 64 hexadecimal digits in lower case"))
		}
		b.checkURI(d, at)
		b.checkPacked(d, at)
		b.checkStacks(m, d, at)
		for _, stack := range d.Stacks {
			key := strings.Join([]string{d.Name.Value, d.Version.Value, stack.Value}, " ")
			if seen[key] {
				b.add(finding.DependencyTwice, at(d.Name, "a second entry for %s", stack.Value))
			}
			seen[key] = true
		}
	}
}

func (d dependency) label() string {
	return strings.TrimSpace("dependency " + strings.TrimSpace(d.Name.Value+" "+d.Version.Value))
}

func (b *Buildpack) checkURI(d dependency, at func(text, string, ...any) finding.Finding) {
	if d.URI.Value == "" || d.File.Value != "" {
		return // the package contains the file
	}
	address, err := url.Parse(d.URI.Value)
	switch {
	case err == nil && address.Scheme == "file":
		b.add(finding.DependencyURI, at(d.URI, "a file of one machine"))
	case err != nil || !address.IsAbs() || address.Host == "" || strings.ContainsAny(d.URI.Value, " \t"):
		b.add(finding.DependencyURI, at(d.URI, "text that is not the address of a file"))
	case address.Scheme != "https":
		b.add(finding.DependencyURI, at(d.URI, "%s", redact.Address(d.URI.Value)))
	case address.User != nil:
		b.add(finding.DependencyURI, at(d.URI, "credentials in %s, which everybody who has the buildpack can read", redact.Address(d.URI.Value)))
	}
}

// checkPacked checks the file of a dependency that a cached package contains.
func (b *Buildpack) checkPacked(d dependency, at func(text, string, ...any) finding.Finding) {
	if d.File.Value == "" {
		return
	}
	file, err := b.Open(path.Clean(d.File.Value))
	if err != nil {
		b.add(finding.DependencyField, at(d.File, "the file %q, which is not there", d.File.Value))
		return
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		b.add(finding.DependencyField, at(d.File, "the file %q: %s", d.File.Value, err))
		return
	}
	if is := hex.EncodeToString(sum.Sum(nil)); is != d.SHA256.Value && d.SHA256.Value != "" {
		b.add(finding.DependencySum, at(d.SHA256, "the file %q with another one, %s", d.File.Value, is))
	}
}

// checkStacks skips packages for one stack, since the dependencies of the other are not in them.
func (b *Buildpack) checkStacks(m manifest, d dependency, at func(text, string, ...any) finding.Finding) {
	var stacks []string
	for _, stack := range d.Stacks {
		stacks = append(stacks, stack.Value)
	}
	current := slices.Contains(stacks, stackNow) || slices.Contains(stacks, stackNext)
	switch {
	case m.Stack.Value == stackNow || m.Stack.Value == stackNext:
	case len(stacks) == 0:
		b.add(finding.DependencyStack, at(text{Line: d.Line}, "no cf_stacks"))
	case current && slices.ContainsFunc(stacks, isMisspelled):
		misspelled := stacks[slices.IndexFunc(stacks, isMisspelled)]
		b.add(finding.DependencyStack, at(d.Stacks[0], "%s, which is not a stack", misspelled))
	case !current && !isWindows(stacks) && !elsewhere(m, d, stackNow) && !elsewhere(m, d, stackNext):
		b.add(finding.DependencyStack, at(d.Stacks[0], "%s", strings.Join(stacks, ", ")))
	case current && !slices.Contains(stacks, stackNext) && !elsewhere(m, d, stackNext):
		b.add(finding.StackNext, at(d.Stacks[0], "%s", strings.Join(stacks, ", ")))
	}
}

func isWindows(stacks []string) bool {
	return slices.ContainsFunc(stacks, func(s string) bool { return strings.HasPrefix(s, "windows") })
}

// elsewhere reports whether another entry has the dependency for a stack.
func elsewhere(m manifest, d dependency, stack string) bool {
	return slices.ContainsFunc(m.Dependencies, func(other dependency) bool {
		return other.Name.Value == d.Name.Value && slices.ContainsFunc(other.Stacks, func(s text) bool { return s.Value == stack })
	})
}

// checkDefaults checks that each default matches a dependency on each stack that has any, as
// buildpack-packager does (libbuildpack, packager/packager.go, validateStack).
func (b *Buildpack) checkDefaults(m manifest) {
	seen := map[string]bool{}
	for _, d := range m.Defaults {
		at := func(format string, args ...any) finding.Finding {
			return finding.Finding{File: manifestFile, Line: d.Line, Found: fmt.Sprintf("default_versions: %s: ", d.Name.Value) + fmt.Sprintf(format, args...)}
		}
		if seen[d.Name.Value] {
			b.add(finding.DefaultVersion, at("a second version"))
			continue
		}
		seen[d.Name.Value] = true
		versions := map[string][]string{}
		for _, other := range m.Dependencies {
			for _, stack := range other.Stacks {
				if other.Name.Value == d.Name.Value {
					versions[stack.Value] = append(versions[stack.Value], other.Version.Value)
				}
			}
		}
		named := slices.ContainsFunc(m.Dependencies, func(other dependency) bool { return other.Name.Value == d.Name.Value })
		if !named && !m.leavesOut(d.Name.Value) {
			b.add(finding.DefaultVersion, at("no dependency of that name"))
		}
		var without []string
		for _, stack := range []string{stackNow, stackNext} {
			if len(versions[stack]) == 0 {
				continue
			}
			if _, err := libbuildpack.FindMatchingVersion(d.Version.Value, versions[stack]); err != nil {
				without = append(without, fmt.Sprintf("%s (%s)", stack, strings.Join(versions[stack], ", ")))
			}
		}
		if len(without) > 0 {
			b.add(finding.DefaultVersion, at("%s, which no version is for %s", d.Version.Value, strings.Join(without, " and ")))
		}
	}
}

func (b *Buildpack) checkProfiles(m manifest) {
	if m.isPackage() {
		return // one of them may have been applied
	}
	for _, name := range slices.Sorted(maps.Keys(m.Profiles)) {
		if !profileName.MatchString(name) {
			b.add(finding.ProfileExclude, finding.Finding{File: manifestFile, Found: fmt.Sprintf("the name %q", name)})
		}
		for _, excluded := range m.Profiles[name].Exclude {
			if !slices.ContainsFunc(m.Dependencies, func(d dependency) bool { return d.Name.Value == excluded.Value }) {
				b.add(finding.ProfileExclude, finding.Finding{File: manifestFile, Line: excluded.Line, Found: fmt.Sprintf("profile %s: exclude: %q, which is not a dependency", name, excluded.Value)})
			}
		}
	}
}
