package bump_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/bump"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/published"
)

const manifest = `# What it is made of.
---
language: mine
default_versions:
- name: agent
  version: 1.2.x # the line that is tested
- {name: other, version: "3.0"}
dependencies:
# For both stacks.
- name: agent
  version: 1.2.3
  uri: https://1.2.3.example.com/v1.2.3/agent-1.2.3.tgz?v=1.2.3 # by them
  sha256: 1111111111111111111111111111111111111111111111111111111111111111
  cf_stacks: [cflinuxfs4]
- {name: 'agent', version: '1.2.3', uri: "https://1.2.3.example.com/v1.2.3/agent-1.2.3.tgz?v=1.2.3", sha256: "1111111111111111111111111111111111111111111111111111111111111111", cf_stacks: [cflinuxfs5]}
- name: other
  version: '3.0'
  uri: https://example.com/other-3.0
  sha256: 2222222222222222222222222222222222222222222222222222222222222222
  cf_stacks: [cflinuxfs4]
include_files: [manifest.yml]
`

func testManifest(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		from   *source
	)

	it.Before(func() {
		from = &source{files: map[string]published.File{
			"https://1.2.3.example.com/v1.2.4/agent-1.2.4.tgz?v=1.2.4": {SHA256: sum("4"), Archive: true, Executables: []published.Executable{{Path: "agent-1.2.4/agent"}}},
			"https://1.2.3.example.com/v2.0.0/agent-2.0.0.tgz?v=2.0.0": {SHA256: sum("5")},
			"https://1.2.3.example.com/v1.2.5/agent-1.2.5.tgz?v=1.2.5": {SHA256: sum("1")},
			"https://mirror.example.com/agent":                         {SHA256: sum("6")},
		}}
	})
	bumped := func(content string, r bump.Request) (string, error) {
		result, err := bump.Manifest(t.Context(), []byte(content), r, from)
		if err != nil {
			Expect(result.Content).To(BeNil())
		}
		return string(result.Content), err
	}
	// with are the lines of a manifest with some texts replaced.
	with := func(content string, replaced ...string) string {
		return strings.NewReplacer(replaced...).Replace(content)
	}

	it("changes version, URI and checksum of each stack's entry, and nothing else", func() {
		result, err := bump.Manifest(t.Context(), []byte(manifest), bump.Request{Name: "agent", Version: "1.2.4"}, from)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(result.Content)).To(Equal(with(manifest,
			"version: 1.2.3", "version: 1.2.4", "version: '1.2.3'", "version: '1.2.4'", "/v1.2.3/agent-1.2.3.tgz?v=1.2.3", "/v1.2.4/agent-1.2.4.tgz?v=1.2.4", sum("1"), sum("4"))))
		Expect(result.From + " " + result.To).To(Equal("1.2.3 1.2.4"))
		Expect(result.Changes).To(HaveLen(6))
		Expect(result.Changes[0]).To(Equal(bump.Change{Line: 11, Key: "version", Old: "1.2.3", New: "1.2.4"}))
		Expect(from.asked).To(HaveLen(1), "both stacks have the same file")
	})

	it("changes default_versions where it would no longer match, in its own form", func() {
		for constraint, expected := range map[string]string{"1.2.x": "2.0.x", "1.x": "2.x", "'1.*'": "'2.*'", "1.2.3": "2.0.0", "'>=1.2'": "'>=1.2'", "x": "x", "9.x": "9.x"} {
			Expect(bumped(with(manifest, "1.2.x", constraint), bump.Request{Name: "agent", Version: "2.0.0"})).To(ContainSubstring("version: "+expected+" # the line that is tested\n"), constraint)
		}
	})

	it("keeps line endings, a missing last one, and umlauts before a value", func() {
		odd := strings.TrimSuffix(strings.ReplaceAll(with(manifest, "{name: 'agent', version", "{\"größe\": ü, name: 'agent', version"), "\n", "\r\n"), "\r\n")
		changed, err := bumped(odd, bump.Request{Name: "agent", Version: "1.2.4"})
		Expect(err).NotTo(HaveOccurred())
		Expect(changed).To(HaveSuffix("include_files: [manifest.yml]"))
		Expect(strings.Count(changed, "\r\n")).To(Equal(strings.Count(odd, "\r\n")))
		Expect(changed).To(ContainSubstring("\"größe\": ü, name: 'agent', version: '1.2.4', uri: "))
	})

	it("takes another address for the new version, or for the version that is there already", func() {
		r := bump.Request{Name: "agent", Version: "1.3.0", URI: "https://mirror.example.com/agent"}
		Expect(bumped(manifest, r)).To(And(ContainSubstring("uri: https://mirror.example.com/agent # by them\n"), ContainSubstring("version: 1.3.x # the"), ContainSubstring(sum("6"))))
		r.Version = "1.2.3"
		Expect(bumped(manifest, r)).To(Equal(with(manifest, "https://1.2.3.example.com/v1.2.3/agent-1.2.3.tgz?v=1.2.3", r.URI, sum("1"), sum("6"))))
	})

	it("replaces the version that is asked for, of several", func() {
		several := manifest + "x:\n"
		several = with(several, "- {name: 'agent', version: '1.2.3'", "- {name: 'agent', version: '1.1.0'")
		_, err := bumped(several, bump.Request{Name: "agent", Version: "1.2.4"})
		Expect(err).To(MatchError("manifest.yml has agent in 2 versions, 1.2.3, 1.1.0; state with --replace which one to replace"))
		_, err = bumped(several, bump.Request{Name: "agent", Version: "1.2.4", Replace: "1.3.0"})
		Expect(err).To(MatchError(`--replace: found "1.3.0"; manifest.yml has agent in 1.2.3, 1.1.0`))
		changed, err := bumped(several, bump.Request{Name: "agent", Version: "1.2.4", Replace: "1.2.3"})
		Expect(err).NotTo(HaveOccurred())
		Expect(changed).To(And(ContainSubstring("version: 1.2.4\n"), ContainSubstring("version: '1.1.0'")))
		_, err = bumped(several, bump.Request{Name: "agent", Version: "1.1.0", Replace: "1.2.3"})
		Expect(err).To(MatchError("manifest.yml, line 15: found agent 1.1.0 already; expected one entry for each version"))
	})

	it("changes the sources of an entry, too", func() {
		from.files["https://example.com/src/1.2.4.tgz"] = published.File{SHA256: sum("7")}
		changed, err := bumped(with(manifest, "  cf_stacks: [cflinuxfs4]\n- {", "  source: https://example.com/src/1.2.3.tgz\n  source_sha256: "+sum("8")+"\n- {"), bump.Request{Name: "agent", Version: "1.2.4"})
		Expect(err).NotTo(HaveOccurred())
		Expect(changed).To(ContainSubstring("  source: https://example.com/src/1.2.4.tgz\n  source_sha256: " + sum("7") + "\n"))
	})

	it("does not take a part of another number for the version", func() {
		from.files["https://example.com/3.0/other-13.0.1-4.0.tgz"] = published.File{SHA256: sum("9")}
		from.files["https://example.com/4.0/other-13.0.1-4.0.tgz"] = published.File{SHA256: sum("9")}
		Expect(bumped(with(manifest, "https://example.com/other-3.0", "https://example.com/3.0/other-13.0.1-3.0.tgz"), bump.Request{Name: "other", Version: "4.0"})).
			To(And(ContainSubstring("https://example.com/4.0/other-13.0.1-4.0.tgz"), ContainSubstring(`{name: other, version: "4.0"}`), ContainSubstring("version: '4.0'")))
		from.files["https://example.com/v4.0%2Bb.1/other"] = published.File{SHA256: sum("9")}
		Expect(bumped(with(manifest, "https://example.com/other-3.0", "https://example.com/v3.0%2Ba.1/other", "'3.0'", "3.0+a.1"), bump.Request{Name: "other", Version: "4.0+b.1"})).
			To(ContainSubstring("https://example.com/v4.0%2Bb.1/other"))
	})

	context("failure cases", func() {
		use := func(u bump.Use) bump.Request {
			u.Sidecar = "agent"
			return bump.Request{Name: "agent", Version: "1.2.4", Uses: []bump.Use{u}}
		}

		it("refuses what the catalog could not run", func() {
			_, err := bumped(manifest, use(bump.Use{Executable: "agent-1.2.3/agent"}))
			Expect(err).To(MatchError("the sidecar \"agent\" of buildpack.toml runs \"agent-1.2.3/agent\" of agent, and found in https://1.2.3.example.com/v1.2.4/agent-1.2.4.tgz?v=1.2.4: agent-1.2.4/agent; expected that program, or another `executable` in buildpack.toml"))
			_, err = bumped(manifest, use(bump.Use{Constraint: "1.2.3"}))
			Expect(err).To(MatchError(`the sidecar "agent" of buildpack.toml wants version "1.2.3" of agent, which 1.2.4 is not; change that first`))
			_, err = bumped(manifest, use(bump.Use{Constraint: "1.x"}))
			Expect(err).NotTo(HaveOccurred())
		})

		it("says what it has found, and what would be right", func() {
			for _, c := range []struct{ old, new, version, problem string }{
				{"", "", "1.2.5", "found the file of version 1.2.3, by its SHA-256, at https://1.2.3.example.com/v1.2.5/agent-1.2.5.tgz?v=1.2.5; expected that of 1.2.5: state its address with --uri"},
				{"", "", "1.2.6", "failed to fetch https://1.2.3.example.com/v1.2.6/agent-1.2.6.tgz?v=1.2.6: the server answers 404 Not Found"},
				{"", "", "1.2.3", "manifest.yml has agent 1.2.3 already"},
				{"", "", "v1.2.3", "manifest.yml has agent 1.2.3 already"},
				{"", "", "v1.2.4", `found the version "v1.2.4"; expected one without v, as 1.2.3 has it`},
				{"", "", "1.2.4 ", `found the version "1.2.4 "; expected one such as 1.2.3`},
				{"name: agent\n  version: 1.2.3", "name: agnt\n  version: 1.2.3", "1.2.4", ""},
				{"agent", "agnt", "1.2.4", `manifest.yml has no dependency "agent"; did you mean agnt?`},
				{"/v1.2.3/agent-1.2.3.tgz?v=1.2.3", "/latest", "1.2.4", "manifest.yml, line 12: found the version 1.2.3 not in https://1.2.3.example.com/latest; state with --uri where 1.2.4 is published"},
				{"  sha256: 1", "  sha257: 1", "1.2.4", `manifest.yml, line 10: dependency "agent": found no text as its sha256; expected one`},
				{"  version: 1.2.3", "  version: [1]", "1.2.4", `manifest.yml, line 10: dependency "agent": found no text as its version; expected one`},
				{"  version: 1.2.3\n", "  version: 1.2.3\n  file: dependencies/1\n", "1.2.4", `manifest.yml, line 10: dependency "agent": found a file in the buildpack itself; expected the manifest.yml of the repository, and not that of a package`},
				{"  version: 1.2.3", "  version: &v 1.2.3", "1.2.4", "manifest.yml, line 11: found a value of version in a form that is not changed here; expected its text alone, on the line of the key"},
				{"  version: 1.2.3", "  version: >-\n    1.2.3", "1.2.4", "manifest.yml, line 11: found a value of version in a form that is not changed here; expected its text alone, on the line of the key"},
				{"1.2.x", "'>=1.2.3 <2.0.0'", "2.0.0", `manifest.yml, line 6: found the default version ">=1.2.3 <2.0.0" of agent, which 2.0.0 does not match; change that line first, to "2.0.0" for example`},
				{manifest, "- a\n", "1.2.4", "manifest.yml: found no mapping; expected one with the key dependencies"},
				{manifest, "a: [\n", "1.2.4", "manifest.yml:1: syntax: "},
			} {
				_, err := bumped(with(manifest, c.old, c.new), bump.Request{Name: "agent", Version: c.version})
				if c.problem == "" {
					Expect(err).NotTo(HaveOccurred())
					continue
				}
				Expect(err).To(MatchError(HavePrefix(c.problem)), c.new+c.version)
			}
		})
	})
}
