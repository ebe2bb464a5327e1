package check_test

import "github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"

// deprecation has a date for the agent, as libbuildpack reads it.
func deprecation(date string) string {
	return "dependency_deprecation_dates:\n- name: agent\n  version_line: 1.x.x\n  date: " + date + "\n  link: https://example.com\n"
}

func manifestWith(old, replacement string) func(b buildpack) {
	return func(b buildpack) { b.replace("manifest.yml", old, replacement) }
}

// manifests are faults of manifest.yml, VERSION and the files that they name.
var manifests = []breakage{
	{"a date of a deprecation in another form", manifestWith("default_versions:", deprecation("31.12.2027")+"default_versions:"), finding.DeprecationDate, "manifest.yml:6", "31.12.2027"},
	{"a date of a deprecation that no calendar has", manifestWith("default_versions:", deprecation("2027-02-30")+"default_versions:"), finding.DeprecationDate, "manifest.yml:6", "2027-02-30"},
	{"an empty manifest.yml", func(b buildpack) { b.write("manifest.yml", "", 0o644) }, finding.ManifestLanguage, "manifest.yml:1", "no language"},
	{"a language that cannot be part of the name of a file", manifestWith("language: agent", "language: my/agent"), finding.ManifestLanguage, "manifest.yml:2", "my/agent"},
	{"no dependencies, not even an empty list", func(b buildpack) {
		b.write("manifest.yml", "language: agent\ninclude_files: [manifest.yml, bin/supply, bin/detect, bin/finalize, bin/release]\n", 0o644)
		b.remove("buildpack.toml")
	}, finding.ManifestSyntax, "manifest.yml:1", "no dependencies"},
	{"no include_files", func(b buildpack) {
		b.write("manifest.yml", "language: agent\ndependencies: []\n", 0o644)
		b.remove("buildpack.toml")
	}, finding.IncludeDiffers, "manifest.yml:1", "no include_files"},
	{"a directory in include_files", manifestWith("bin/detect, bin/finalize, bin/release, bin/supply", "bin"), finding.IncludeMissing, "manifest.yml:16", "a directory"},
	{"a pattern in include_files", manifestWith("bin/detect, bin/finalize, bin/release, bin/supply", `"bin/*"`), finding.IncludeMissing, "manifest.yml:16", "a pattern"},
	{"a misspelled stack of a dependency", manifestWith("[cflinuxfs4,", "[cflinuxsf4,"), finding.DependencyStack, "manifest.yml:11", "cflinuxsf4, which is not a stack"},
	{"no stack of a dependency", manifestWith("[cflinuxfs4, cflinuxfs5]", "[]"), finding.DependencyStack, "manifest.yml:7", "no cf_stacks"},
	{"a stack that is older still", manifestWith("language: agent\n", "language: agent\nstack: lucid64\n"), finding.ManifestStack, "manifest.yml:3", "lucid64"},
	{"credentials in a dependency's address", manifestWith("https://", "https://user:hidden@"), finding.DependencyURI, "manifest.yml:9", "credentials in https://"},
	{"a blank in a dependency's address", manifestWith("agent-1.2.3.tgz", "agent 1.2.3.tgz"), finding.DependencyURI, "manifest.yml:9", "not the address"},
	{"a file of a dependency that is not in the package", manifestWith("  uri:", "  file: dependencies/agent.tgz\n  uri:"), finding.DependencyField, "manifest.yml:9", "dependencies/agent.tgz"},
	{"a file of a dependency with another checksum", func(b buildpack) {
		b.replace("manifest.yml", "  uri:", "  file: dependencies/agent.tgz\n  uri:")
		b.write("dependencies/agent.tgz", "another one", 0o644)
	}, finding.DependencySum, "manifest.yml:11", "with another one"},
	{"an empty VERSION", func(b buildpack) { b.write("VERSION", "\n", 0o644) }, finding.VersionInvalid, "VERSION", "no version"},
	{"two lines in VERSION", func(b buildpack) { b.write("VERSION", "1.2.3\n1.2.4\n", 0o644) }, finding.VersionInvalid, "VERSION:1", `1.2.3\n1.2.4`},
	{"a VERSION in UTF-16", func(b buildpack) { b.write("VERSION", "\xff\xfe1\x00.\x002\x00", 0o644) }, finding.VersionInvalid, "VERSION:1", `\xff`},
	{"a bin/supply of another case (CF-01)", func(b buildpack) {
		b.remove("bin/supply")
		b.write("bin/Supply", goodSupply, 0o755)
		b.replace("manifest.yml", "bin/supply", "bin/Supply")
	}, finding.SupplyMissing, "bin/supply", "no such file, but bin/Supply"},
	{"an interpreter where the stacks have none", func(b buildpack) { b.write("bin/detect", "#!/usr/local/bin/bash\nexit 1\n", 0o755) }, finding.CannotRun, "bin/detect:1", "/usr/local/bin/bash"},
	{"an interpreter without its directory", func(b buildpack) { b.write("bin/detect", "#!bash\nexit 1\n", 0o755) }, finding.CannotRun, "bin/detect:1", "the interpreter bash"},
	{"an interpreter with options by env", func(b buildpack) { b.write("bin/detect", "#!/usr/bin/env bash -e\nexit 1\n", 0o755) }, finding.CannotRun, "bin/detect:1", `"bash -e"`},
	{"programs of a zip that keeps no modes", func(b buildpack) { b.chmod("bin/detect", 0o644); b.chmod("bin/supply", 0o644) }, finding.NotExecutable, "bin/detect", "and so have bin/supply"},
	{"a link to itself", func(b buildpack) { b.link("link", "link") }, finding.LinkDangling, "link", "leads back"},
	{"a link that leaves by another link", func(b buildpack) {
		b.write("a/file", "", 0o644)
		b.link(".", "a/here")
		b.link("a/here/../../file", "link")
	}, finding.LinkOutside, "link", "by another link"},
}
