package check_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
)

// elsewhere are faults that show in one position, or in the files of others.
var elsewhere = []breakage{
	{"a supply that removes files of others (CF-03)", supply(`rm -f "$deps"/*/filler`), finding.WritesDeps, "deps/00/filler", "removed; also deps/01/filler removed"},
	{"a supply that changes files of others (CF-03)", supply(`for file in "$deps"/*/filler; do [ ! -f "$file" ] || echo x >> "$file"; done`), finding.WritesDeps, "deps/00/filler", "changed; also deps/01/filler changed"},
	{"a supply that works with the index 0 alone (CF-02)", supply(`[ "$index" = 0 ] || exit 1`), finding.StagingPosition, "", "exit status"},
	{"a supply that has to be the first (CF-01)", func(b buildpack) {
		b.replace("bin/supply", "set -euo pipefail\n", "set -euo pipefail\n[ \"$(ls \"$3\" | head -n 1)\" = \"$4\" ] || exit 1\n")
	}, finding.StagingPosition, "", "exit status"},
	{"a supply that copies to the first directory (CF-02)", supply(`cp "$own/launch.yml" "$3/0/agent.yml"`), finding.IndexFixed, "bin/supply:28", "$3/0"},
	{"a supply that writes everything to the first directory (CF-02)", launch("own=$deps/$index", "own=$deps/0"), finding.IndexFixed, "bin/supply:5", "$deps/0"},
	{"a launch.yml that only bin/finalize writes (CF-01)", func(b buildpack) {
		b.supply(`mv "$own/launch.yml" "$own/later"; exit 0`)
		b.replace("bin/finalize", "set -euo pipefail\n", "set -euo pipefail\ncp \"$3/$4/later\" \"$3/$4/launch.yml\"\n")
	}, finding.StagingPosition, "", "the sidecar agent"},
	{"a bin/finalize that fails (CF-11)", func(b buildpack) { b.replace("bin/finalize", "set -euo pipefail\n", "exit 4\n") }, finding.StagingPosition, "", "exit status"},
	{"no bin/release (CF-09)", func(b buildpack) { b.remove("bin/release"); b.replace("manifest.yml", "bin/release, ", "") }, finding.NotLast, "", "no bin/release"},
	{"include_files without a file that supply needs", func(b buildpack) { b.replace("manifest.yml", "agent.sh, ", "") }, finding.IncludeIncomplete, "manifest.yml:16", "agent.sh"},
	{"include_files without a file that makes a sidecar", func(b buildpack) {
		b.supply(`[ -e "$here/README.md" ] || rm "$own/launch.yml"; exit 0`)
		b.replace("manifest.yml", "README.md, ", "")
	}, finding.IncludeIncomplete, "manifest.yml:16", "no sidecar agent"},
}

// inFront are faults that show in front of one other buildpack.
var inFront = []breakage{
	{"no sidecar on cflinuxfs5", supply(`[ "$CF_STACK" = cflinuxfs4 ] || rm "$own/launch.yml"`), finding.StagingStack, "", "no sidecar agent"},
	{"a path of the staging container behind a comment with another (CF-14)", supply(`printf '# %s\nexport A=%s\n' "$own" "$own" > "$own/profile.d/path.sh"`), finding.WrittenPath, "deps/0/profile.d/path.sh:2", "/contents"},
	{"a link to the buildpack that has a link to it (CF-14)", supply(`ln -sf "$here/agent.sh" "$own/bin/agent"`), finding.WrittenPath, "deps/0/bin/agent", "a link to"},
	{"a link out of the droplet", supply(`ln -s ../../../etc/passwd "$own/users"`), finding.WrittenLink, "deps/0/users", "out of the droplet"},
	{"many changes of the app by one cause (CF-03)", supply(`touch "$1/a" "$1/b" "$1/c" "$1/d" "$1/e" "$1/f" "$1/g"`), finding.WritesApp, "app/a", "made; also app/b made, app/c made, app/d made, app/e made, and 2 more"},
}

func testPositions(t *testing.T, context spec.G, it spec.S) {
	context("finds exactly", func() {
		for _, f := range elsewhere {
			it(f.name, func() { expectFault(t, f, nil) })
		}
		for _, f := range inFront {
			it(f.name, func() { expectFault(t, f, func(options *check.Options) { options.Staging.Quick = true }) })
		}
		for _, f := range []breakage{
			{name: "a daemon that supply leaves (CF-11)", spoil: supply("(setsid sleep 100000 </dev/null >/dev/null 2>&1 &)"), rule: finding.StagingProcess, found: "sleep"},
			{name: "a job that supply does not wait for (CF-11)", spoil: supply("sleep 100000 &"), rule: finding.StagingProcess, found: "sleep"},
		} {
			it(f.name, func() {
				needIsolation(t)
				expectFault(t, f, func(options *check.Options) { options.Staging.Quick = true })
			})
		}
	})

	it("finds nothing in a buildpack whose sidecar is named by its index", func() {
		b := goodBuildpack(t)
		b.replace("bin/supply", "- type: agent\n", "- type: agent-$index\n")
		NewWithT(t).Expect(checked(t, b.directory, nil)).To(BeEmpty())
	})
}
