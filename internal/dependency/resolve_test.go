package dependency_test

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/cloudfoundry/libbuildpack"
	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/dependency"
)

const manifestContent = `---
language: sidecar
default_versions:
- {name: agent, version: 1.2.x}
dependencies:
- {name: agent, version: 1.2.9, uri: 'https://example.com/agent-1.2.9', sha256: aa, cf_stacks: [cflinuxfs4]}
- {name: agent, version: 1.2.10, uri: 'https://example.com/agent-1.2.10', sha256: bb, cf_stacks: [cflinuxfs4, cflinuxfs5]}
- {name: agent, version: 1.3.0, uri: 'https://example.com/agent-1.3.0', sha256: cc, cf_stacks: [cflinuxfs4]}
- {name: agent, version: 2.0.0, uri: 'https://example.com/agent-2.0.0', sha256: dd, cf_stacks: [cflinuxfs5]}
- {name: jdk, version: 8u412, uri: 'https://example.com/jdk', sha256: ee, cf_stacks: [cflinuxfs4], file: dependencies/x/jdk}
- {name: candidate, version: 1.2.0, uri: 'https://example.com/c', sha256: ee, cf_stacks: [cflinuxfs4]}
- {name: candidate, version: 1.3.0-rc.1, uri: 'https://example.com/c', sha256: ee, cf_stacks: [cflinuxfs4]}
- {name: two, version: 1.0.0, uri: 'https://example.com/1', sha256: ff, cf_stacks: [cflinuxfs4]}
- {name: two, version: 2.0.0, uri: 'https://example.com/2', sha256: ff, cf_stacks: [cflinuxfs4]}
`

// load reads a manifest.yml, with what other buildpacks have left in the deps
// directory.
func load(t *testing.T, content, depsDir, stack string) (*dependency.Dependencies, error) {
	t.Helper()
	directory := t.TempDir()
	NewWithT(t).Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte(content), 0o600)).To(Succeed())
	manifest, err := libbuildpack.NewManifest(directory, libbuildpack.NewLogger(io.Discard), time.Now())
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return dependency.New(manifest, depsDir, stack)
}

func testResolve(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	resolve := func(stack, name, constraint string) (dependency.Dependency, error) {
		t.Helper()
		dependencies, err := load(t, manifestContent, t.TempDir(), stack)
		Expect(err).NotTo(HaveOccurred())
		return dependencies.Resolve(name, constraint)
	}

	for _, one := range []struct{ stack, name, constraint, version string }{
		{"cflinuxfs4", "agent", "", "1.2.10"},
		{"cflinuxfs4", "agent", "1.x", "1.3.0"},
		{"cflinuxfs4", "agent", "1.2.x", "1.2.10"},
		{"cflinuxfs4", "agent", "1.2.9", "1.2.9"},
		{"cflinuxfs4", "agent", "~1.2.0", "1.2.10"},
		{"cflinuxfs4", "agent", ">=1.2.0 <1.3.0", "1.2.10"},
		{"cflinuxfs4", "agent", ">=1.2, <1.3", "1.2.10"},
		{"cflinuxfs4", "agent", ">=1.2", "1.3.0"},
		{"cflinuxfs4", "candidate", "1.2.x", "1.2.0"},
		{"cflinuxfs4", "candidate", "1.x", "1.2.0"},
		{"cflinuxfs4", "candidate", "1.3.0-rc.1", "1.3.0-rc.1"},
		{"cflinuxfs5", "agent", ">=1", "2.0.0"},
		{"", "agent", "2.x", "2.0.0"},
		{"cflinuxfs4", "jdk", "8u412", "8u412"},
		{"cflinuxfs4", "jdk", "", "8u412"},
		{"cflinuxfs4", "two", "2.x", "2.0.0"},
	} {
		it("finds "+one.name+" "+one.constraint+" for "+one.stack, func() {
			found, err := resolve(one.stack, one.name, one.constraint)
			Expect(err).NotTo(HaveOccurred())
			Expect(found.Version).To(Equal(one.version))
		})
	}

	it("matches what the page offers as constraints with 1.2.3, and not with 2.0.0, as it says of <2", func() {
		page, err := os.ReadFile(filepath.Join("..", "..", "docs", "dependencies.md"))
		Expect(err).NotTo(HaveOccurred())
		sentence := regexp.MustCompile(`(?s)or a constraint such as (.*?);`).FindSubmatch(page)
		Expect(sentence).To(HaveLen(2))
		offered := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(string(sentence[1]), -1)
		Expect(len(offered)).To(BeNumerically(">=", 4))
		for _, constraint := range offered {
			Expect(dependency.Matches(constraint[1], "1.2.3")).To(BeTrue(), constraint[1])
			Expect(dependency.Matches(constraint[1], "2.0.0")).To(BeFalse(), constraint[1])
		}
		Expect(string(page)).To(ContainSubstring("accepts 2.0.0 for `<2`"))
		Expect(dependency.Matches("<2", "2.0.0")).To(BeTrue(), "the page need not warn of it any more")
	})

	it("knows everything of it", func() {
		Expect(resolve("cflinuxfs4", "jdk", "")).To(Equal(dependency.Dependency{
			Name: "jdk", Version: "8u412", Artifact: artifact.Artifact{
				URI: "https://example.com/jdk", Checksum: "ee", File: "dependencies/x/jdk"}}))
	})

	it("reads a manifest that was packaged for one stack", func() {
		packaged := "language: sidecar\nstack: cflinuxfs4\ndependencies: [{name: a, version: 1.0.0, uri: x, sha256: y}]\n"
		dependencies, err := load(t, packaged, t.TempDir(), "cflinuxfs4")
		Expect(err).NotTo(HaveOccurred())
		Expect(dependencies.Resolve("a", "1.x")).To(HaveField("Version", "1.0.0"))

		dependencies, err = load(t, packaged, t.TempDir(), "cflinuxfs5")
		Expect(err).NotTo(HaveOccurred())
		_, err = dependencies.Resolve("a", "1.x")
		Expect(err).To(MatchError(`dependency "a" is not for the stack "cflinuxfs5"; manifest.yml has it for cflinuxfs4`))
	})

	context("failure cases", func() {
		for _, one := range []struct{ stack, name, constraint, message string }{
			{"cflinuxfs4", "agnet", "", `manifest.yml has no dependency "agnet"; did you mean agent? It has agent, jdk, candidate, two`},
			{"cflinuxfs4", "https://me:s3cret@example.com/a?s3cret", "", `manifest.yml has no dependency "https://…@example.com/a?…"; it has agent, jdk, candidate, two`},
			{"cflinuxfs3", "agent", "", `dependency "agent" is not for the stack "cflinuxfs3"; manifest.yml has it for cflinuxfs4, cflinuxfs5`},
			{"cflinuxfs4", "agent", "2.x", `dependency "agent" has no version "2.x" for the stack "cflinuxfs4"; it has 1.2.9, 1.2.10, 1.3.0`},
			{"cflinuxfs5", "agent", "not a version", `dependency "agent" has no version "not a version" for the stack "cflinuxfs5"; it has 1.2.10, 2.0.0`},
			{"cflinuxfs4", "jdk", "8.x", `dependency "jdk" has no version "8.x" for the stack "cflinuxfs4"; it has 8u412`},
			{"cflinuxfs4", "two", "", `dependency "two" has several versions, 1.0.0, 2.0.0, and default_versions of manifest.yml has none of them: state a version`},
		} {
			it("lists what there is: "+one.message, func() {
				_, err := resolve(one.stack, one.name, one.constraint)
				Expect(err).To(MatchError(one.message))
			})
		}

		it("says what a profile has left out of a package: the packager leaves its default version", func() {
			dependencies, err := load(t, "language: sidecar\ndefault_versions:\n- {name: agent, version: 1.2.x}\n", t.TempDir(), "")
			Expect(err).NotTo(HaveOccurred())
			_, err = dependencies.Resolve("agent", "")
			Expect(err).To(MatchError(`dependency "agent" was left out when this buildpack was packaged. ` +
				`Use one that was packaged with it, as scripts/package.sh --cached --include agent makes it, or one that is not cached`))
		})

		it("says that there is nothing at all", func() {
			dependencies, err := load(t, "language: sidecar\n", t.TempDir(), "")
			Expect(err).NotTo(HaveOccurred())
			_, err = dependencies.Resolve("a", "")
			Expect(err).To(MatchError(`manifest.yml has no dependency "a"; it has none`))
		})

		it("does not choose between two defaults", func() {
			dependencies, err := load(t, "language: x\ndefault_versions: [{name: a, version: 1.x}, {name: a, version: 2.x}]\ndependencies: [{name: a, version: 1.0.0, cf_stacks: [s]}]\n", t.TempDir(), "s")
			Expect(err).NotTo(HaveOccurred())
			_, err = dependencies.Resolve("a", "")
			Expect(err).To(MatchError(`default_versions of manifest.yml has 2 versions for "a", 1.x, 2.x; expected one`))
		})
	})
}
