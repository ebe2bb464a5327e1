package dependency_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cloudfoundry/libbuildpack"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/dependency"
)

// FuzzParse reads any text as a manifest.yml, and asks it for a dependency: there
// is no panic, and what is found satisfies the question.
func FuzzParse(f *testing.F) {
	for _, constraint := range []string{"", "1.x", "1.2.9", ">=1.2, <2", "~> 1", "x", "\x00", "1.2.3-rc.1", "9999999999999999999.x"} {
		f.Add([]byte(manifestContent), "agent", constraint, "cflinuxfs4")
	}
	f.Add([]byte("dependencies: [{name: a, version: 8u412, cf_stacks: [s]}]\nstack: s\n"), "a", "", "s")
	f.Add([]byte("dependencies: {}\ndefault_versions: [1]\n"), "a", "1", "")
	f.Add([]byte("dependencies: [{name: '', version: ''}]\ndefault_versions: [{}, {}]"), "", "", "")
	f.Fuzz(func(t *testing.T, content []byte, name, constraint, stack string) {
		dependencies, err := dependency.Parse(content, stack)
		if err != nil {
			return
		}
		found, err := dependencies.Resolve(name, constraint)
		if err == nil && found.Name != name {
			t.Fatalf("asked for %q, found %q", name, found.Name)
		}
		if err != nil && err.Error() == "" {
			t.Fatal("an error that says nothing")
		}
	})
}

// FuzzOverride reads any text as the override.yml of another buildpack: there is no panic, and an
// error names the buildpack.
func FuzzOverride(f *testing.F) {
	f.Add("sidecar:\n  default_versions: [{name: agent, version: 1.x}]\n  dependencies: [{name: agent, version: 1.9.0, uri: https://example.com/a, sha256: aa, cf_stacks: [cflinuxfs4]}]\n")
	f.Add("sidecar: {dependencies: [{name: agent}]}")
	f.Add("sidecar: [1]\nother: *x")
	f.Add("sidecar: &s {dependencies: *s}")
	f.Add("? {a: b}\n: c\nsidecar: {dependencies: {}, default_versions: \"\\e[2J\"}")
	directory, deps := f.TempDir(), f.TempDir()
	if err := os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte(manifestContent), 0o600); err != nil {
		f.Fatal(err)
	}
	manifest, err := libbuildpack.NewManifest(directory, libbuildpack.NewLogger(io.Discard), time.Now())
	if err != nil {
		f.Fatal(err)
	}
	path := filepath.Join(deps, "0", "override.yml")
	if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, content string) {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		dependencies, err := dependency.New(manifest, deps, "cflinuxfs4")
		if err != nil {
			if !strings.Contains(err.Error(), "the override.yml of buildpack 0") {
				t.Fatalf("%q", err)
			}
			return
		}
		if found, err := dependencies.Resolve("agent", ""); err == nil && (found.Artifact.URI == "" || found.Artifact.Checksum == "") {
			t.Fatalf("found %#v", found)
		}
	})
}
