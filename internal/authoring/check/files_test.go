package check_test

import (
	"os"
	"slices"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
)

// A breakage is one thing that is wrong with a buildpack, and what is to be found for it.
type breakage struct {
	name  string
	spoil func(b buildpack)
	rule  string
	where string // file and line; empty: of no file
	found string // a part of it
}

// expectFault checks that a breakage is found, and nothing else.
func expectFault(t *testing.T, f breakage, change func(*check.Options)) {
	t.Helper()
	b := goodBuildpack(t)
	f.spoil(b)
	found := checked(t, b.directory, change)
	g := NewWithT(t)
	g.Expect(found).To(HaveLen(1), "%+v", found)
	g.Expect(found[0].Rule.ID).To(Equal(f.rule))
	g.Expect(found[0].Where()).To(Equal(f.where))
	g.Expect(found[0].Found).To(ContainSubstring(f.found))
	g.Expect(found[0].Right).NotTo(BeEmpty())
}

// static are faults that the files show.
var static = []breakage{
	{"a program without its executable bit", func(b buildpack) { b.chmod("bin/release", 0o644) }, finding.NotExecutable, "bin/release", "-rw-r--r--"},
	{"a script with Windows line endings", func(b buildpack) { b.write("bin/detect", "#!/bin/sh\r\nexit 1\r\n", 0o755) }, finding.CannotRun, "bin/detect:1", "Windows line endings"},
	{"a program for another system", func(b buildpack) { b.write("bin/detect", "MZ\x90\x00", 0o755) }, finding.CannotRun, "bin/detect:1", "a program for Windows"},
	{"an interpreter that the stacks do not have", func(b buildpack) { b.write("bin/detect", "#!/usr/bin/env node\n", 0o755) }, finding.CannotRun, "bin/detect:1", "node"},
	{"a syntax error", func(b buildpack) { b.write("bin/finalize", "#!/bin/bash\nif true; then\n", 0o755) }, finding.ScriptSyntax, "bin/finalize:2", "if"},
	{"a call of the system's package manager", func(b buildpack) { b.supply("false && apt-get install agent") }, finding.NeedsRoot, "bin/supply:28", "apt-get install"},
	{"a link to nothing", func(b buildpack) { b.link("nowhere", "link") }, finding.LinkDangling, "link", "nowhere"},
	{"a link out of the buildpack", func(b buildpack) { b.link("/etc/passwd", "link") }, finding.LinkOutside, "link", "/etc/passwd"},
	{"a named pipe", func(b buildpack) { NewWithT(b.t).Expect(syscall.Mkfifo(b.path("pipe"), 0o600)).To(Succeed()) }, finding.SpecialFile, "pipe", "named pipe"},
	{"a file that everybody may write to", func(b buildpack) { b.chmod("agent.sh", 0o757) }, finding.WorldWritable, "agent.sh", "-rwxr-xrwx"},
	{"a manifest.yml that is not YAML", func(b buildpack) { b.write("manifest.yml", "a: b\n- c\n", 0o644) }, finding.ManifestSyntax, "manifest.yml:2", ""},
	{"a manifest.yml with a text where a list belongs", func(b buildpack) { b.write("manifest.yml", "language: agent\ndependencies: all\n", 0o644) }, finding.ManifestSyntax, "manifest.yml:2", "text"},
	{"no language", func(b buildpack) { b.replace("manifest.yml", "language: agent\n", "") }, finding.ManifestLanguage, "manifest.yml:1", "no language"},
	{"a stack that is gone", func(b buildpack) {
		b.replace("manifest.yml", "language: agent\n", "language: agent\nstack: cflinuxfs3\n")
	}, finding.ManifestStack, "manifest.yml:3", "cflinuxfs3"},
	{"include_files with a file that is not there", func(b buildpack) { b.replace("manifest.yml", "README.md", "readme.md") }, finding.IncludeMissing, "manifest.yml:16", "readme.md"},
	{"include_files without bin/supply", func(b buildpack) { b.replace("manifest.yml", "bin/supply, ", "") }, finding.IncludeIncomplete, "manifest.yml:16", "bin/supply"},
	{"include_files without bin/finalize", func(b buildpack) { b.replace("manifest.yml", "bin/finalize, ", "") }, finding.IncludeDiffers, "manifest.yml:16", "bin/finalize"},
	{"a pre_package that is not there", func(b buildpack) {
		b.replace("manifest.yml", "language: agent\n", "language: agent\npre_package: scripts/build.sh\n")
	}, finding.PrePackage, "manifest.yml:3", "scripts/build.sh"},
	{"a dependency without URI", func(b buildpack) { b.replace("manifest.yml", "  uri: https://example.com/agent-1.2.3.tgz\n", "") }, finding.DependencyField, "manifest.yml:7", "no uri"},
	{"a dependency without sha256", func(b buildpack) { b.replace("manifest.yml", "22da8d8e", "") }, finding.DependencySum, "manifest.yml:10", "64"},
	{"a dependency without TLS", func(b buildpack) { b.replace("manifest.yml", "https://", "http://") }, finding.DependencyURI, "manifest.yml:9", "http://example.com"},
	{"a dependency for a stack that is gone", func(b buildpack) { b.replace("manifest.yml", "[cflinuxfs4, cflinuxfs5]", "[cflinuxfs3]") }, finding.DependencyStack, "manifest.yml:11", "cflinuxfs3"},
	{"a dependency for one stack", func(b buildpack) { b.replace("manifest.yml", "[cflinuxfs4, cflinuxfs5]", "[cflinuxfs4]") }, finding.StackNext, "manifest.yml:11", "cflinuxfs4"},
	{"a dependency for one stack twice", func(b buildpack) {
		b.replace("manifest.yml", "[cflinuxfs4, cflinuxfs5]", "[cflinuxfs4, cflinuxfs5, cflinuxfs5]")
	}, finding.DependencyTwice, "manifest.yml:7", "cflinuxfs5"},
	{"a default version that no dependency has", func(b buildpack) { b.replace("manifest.yml", "version: 1.x", "version: 2.x") }, finding.DefaultVersion, "manifest.yml:4", "2.x"},
	{"a profile without an unknown dependency", func(b buildpack) { b.replace("manifest.yml", "exclude: [agent]", "exclude: [agnet]") }, finding.ProfileExclude, "manifest.yml:15", "agnet"},
	{"a buildpack.toml that is not TOML", func(b buildpack) { b.write("buildpack.toml", "[buildpack]\nid = agent\n", 0o644) }, finding.CatalogSyntax, "buildpack.toml:2", ""},
	{"a catalog with an unknown key", func(b buildpack) { b.replace("buildpack.toml", "memory =", "memroy =") }, finding.CatalogInvalid, "buildpack.toml:9", "memroy"},
	{"a catalog with an unknown dependency", func(b buildpack) { b.replace("buildpack.toml", `dependency = "agent"`, `dependency = "agnet"`) }, finding.CatalogUnknown, "buildpack.toml:7", "agnet"},
	{"a catalog with an unknown program", func(b buildpack) { b.replace("buildpack.toml", "dependency = \"agent\"\n", "") }, finding.CatalogUnknown, "buildpack.toml:7", "agent"},
	{"a template of the catalog that fails at every start", func(b buildpack) {
		b.write("buildpack.toml", goodCatalog+"binding = {tag = \"agent\"}\nfiles = {\"a.yml\" = \"{{ .App.Name }}\", \"b.yml\" = \"{{ .App.Nmae }}\"}\n", 0o644)
	}, finding.CatalogTemplate, "buildpack.toml:11", "sidecar agent: files: b.yml:1:8: found no value called .App.Nmae; did you mean Name? "},
	{"a template of the catalog that the buildpack does not have", func(b buildpack) {
		b.write("buildpack.toml", goodCatalog+"[metadata.sidecars.files]\n\"a.yml\" = {template = \"agent.tmpl\"}\n", 0o644)
	}, finding.CatalogTemplate, "buildpack.toml:6", "sidecar agent: files: a.yml: agent.tmpl: there is no such file in the buildpack"},
	{"no bin/finalize", func(b buildpack) { b.remove("bin/finalize"); b.replace("manifest.yml", "bin/finalize, ", "") }, finding.NotLast, "", "neither bin/finalize nor bin/compile"},
	{"no manifest.yml", func(b buildpack) { b.remove("manifest.yml") }, finding.ManifestMissing, "manifest.yml", "no such file"},
	{"no bin/supply", func(b buildpack) { b.remove("bin/supply"); b.replace("manifest.yml", "bin/supply, ", "") }, finding.SupplyMissing, "bin/supply", "no such file"},
	{"a directory bin/supply", func(b buildpack) {
		b.remove("bin/supply")
		b.replace("manifest.yml", "bin/supply, ", "")
		b.write("bin/supply/x", "", 0o644)
	}, finding.SupplyMissing, "bin/supply", "a directory"},
	{"a fixed index", func(b buildpack) { b.supply(`ls "$DEPS_DIR/0/bin" || true`) }, finding.IndexFixed, "bin/supply:28", "$DEPS_DIR/0"},
	{"a profile.d script with set -eu", func(b buildpack) { b.write("profile.d/x.sh", "export A=1\nset -eu\n", 0o644) }, finding.ProfileOptions, "profile.d/x.sh:2", "set -eu"},
	{"a profile.d script with set -o pipefail", func(b buildpack) { b.write("profile.d/x.sh", "set -o pipefail\n", 0o644) }, finding.ProfileOptions, "profile.d/x.sh:1", "set -o pipefail"},
	{"a profile.d script that exits", func(b buildpack) { b.write("profile.d/x.sh", "[ -n \"$A\" ] || exit 0\n", 0o644) }, finding.ProfileExit, "profile.d/x.sh:1", "exit 0"},
	{"a profile.d script that exits with a status, whatever happens", func(b buildpack) { b.write("profile.d/x.sh", "exit 1\n", 0o644) }, finding.ProfileExit, "profile.d/x.sh:1", "exit 1"},
	{"a profile.d script that is replaced", func(b buildpack) { b.write("profile.d/x.sh", "exec agent\n", 0o644) }, finding.ProfileExec, "profile.d/x.sh:1", "exec agent"},
	{"a profile.d script that goes elsewhere", func(b buildpack) { b.write("profile.d/x.sh", "cd /tmp\n", 0o644) }, finding.ProfileDirectory, "profile.d/x.sh:1", "cd /tmp"},
	{"a profile.d script that exits unless it has returned in a subshell", func(b buildpack) { b.write("profile.d/x.sh", "(return 0) || exit 0\n", 0o644) }, finding.ProfileExit, "profile.d/x.sh:1", "exit 0"},
	{"a profile.d script that goes back half the way", func(b buildpack) { b.write("profile.d/x.sh", "cd /tmp\ncd /var\ncd -\n", 0o644) }, finding.ProfileDirectory, "profile.d/x.sh:1", "cd /tmp"},
	{"a profile.d script that goes to a directory of a variable", func(b buildpack) { b.write("profile.d/x.sh", "cd \"$A\"\n", 0o644) }, finding.ProfileDirectory, "profile.d/x.sh:1", "cd $A"},
	{"a profile.d script that sets PORT where it is not empty", func(b buildpack) {
		b.write("profile.d/x.sh", "if [ -n \"$PORT\" ]; then PORT=1; fi\n", 0o644)
	}, finding.ProfilePlatform, "profile.d/x.sh:1", "PORT="},
	{"a profile.d script that replaces PORT if it is set", func(b buildpack) { b.write("profile.d/x.sh", "PORT=${PORT:+1}\n", 0o644) }, finding.ProfilePlatform, "profile.d/x.sh:1", "PORT="},
	{"a call of sudo for all but root", func(b buildpack) { b.supply(`if [ "$(id -u)" != 0 ]; then sudo ls; fi`) }, finding.NeedsRoot, "bin/supply:28", "sudo ls"},
	{"a profile.d script that sets PORT", func(b buildpack) { b.write("profile.d/x.sh", "export PORT=1\n", 0o644) }, finding.ProfilePlatform, "profile.d/x.sh:1", "PORT="},
	{"a profile.d script that replaces JAVA_OPTS", func(b buildpack) { b.write("profile.d/x.sh", "export JAVA_OPTS=-Da=b\n", 0o644) }, finding.ProfileReplaces, "profile.d/x.sh:1", "JAVA_OPTS= without $JAVA_OPTS"},
	{"a profile.d script with a syntax error", func(b buildpack) { b.write("profile.d/x.sh", "if true; then\n", 0o644) }, finding.ProfileSyntax, "profile.d/x.sh:1", "if"},
}

func (b buildpack) chmod(name string, mode os.FileMode) {
	b.t.Helper()
	NewWithT(b.t).Expect(os.Chmod(b.path(name), mode)).To(Succeed())
}

func (b buildpack) link(target, name string) {
	b.t.Helper()
	NewWithT(b.t).Expect(os.Symlink(target, b.path(name))).To(Succeed())
}

func (b buildpack) remove(name string) {
	b.t.Helper()
	NewWithT(b.t).Expect(os.Remove(b.path(name))).To(Succeed())
}

func testFiles(t *testing.T, context spec.G, it spec.S) {
	context("finds exactly", func() {
		for _, f := range slices.Concat(static, scripts, manifests) {
			it(f.name, func() {
				expectFault(t, f, func(options *check.Options) { options.Static = true })
			})
		}
	})
}
