package dependency_test

import (
	"testing"

	"github.com/cloudfoundry-community/sidecar-buildpack/dependency"
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
