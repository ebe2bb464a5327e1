package check_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
)

const (
	memoryLine  = "  limits: {memory: 64}\n"
	commandLine = `  command: '"\$DEPS_DIR/$index/bin/agent" --port 9000'` + "\n"
	sidecarLine = "  platforms: {cloudfoundry: {sidecar_for: [web]}}\n"
	secretName  = "$API_TOKEN"
)

// launch replaces a text of the launch.yml that the good buildpack writes.
func launch(old, replacement string) func(b buildpack) {
	return func(b buildpack) { b.replace("bin/supply", old, replacement) }
}

func supply(lines string) func(b buildpack) { return func(b buildpack) { b.supply(lines) } }

// inPositions are faults that depend on where in the push the buildpack is, or that show in all
// positions alike.
var inPositions = []breakage{
	{"a supply that fails (CF-11)", supply("echo this is why; exit 3"), finding.StagingFailed, "", "this is why"},
	{"a supply that fails with ten buildpacks", supply(`[ "$index" = 0 ] || [ "$index" = 1 ] || exit 3`), finding.StagingPosition, "", "exit status"},
	{"sidecars that ten buildpacks lose (CF-02)", launch(`if [ "$((10#$index))" != "$index" ]; then`, "if false; then"), finding.IndexPadding, "deps/00/launch.yml", "agent"},
	{"a sidecar that silently replaces another (CF-07)", launch(`if grep -qs 'type: "*agent' "$deps"/*/launch.yml; then`, "if false; then"), finding.NeighborReplaced, "", "agent"},
	{"a failure if it is named twice", launch("  exit 0\n", "  grep -q neighbor \"$deps\"/*/config.yml || exit 9\n  exit 0\n"), finding.NeighborFails, "", "exit status"},
	{"a supply that writes next to its directory (CF-03)", supply(`touch "$deps/shared"`), finding.WritesDeps, "deps/shared", "made"},
	{"a supply that changes its own files (CF-03)", supply(`echo x > "$here/installed"`), finding.WritesOwn, "installed", "made"},
	{"a credential in the log", supply(`echo "$VCAP_SERVICES"`), finding.SecretOutput, "", "credential"},
	{"a credential in the cache", supply(`echo "` + secretName + `" > "$2/agent.conf"`), finding.SecretCache, "cache/agent.conf", "API_TOKEN"},
}

// dynamic are faults that show in front of another buildpack.
var dynamic = []breakage{
	{"a supply that fails on cflinuxfs5", supply(`[ "$CF_STACK" = cflinuxfs4 ] || { echo "unknown stack $CF_STACK"; exit 1; }`), finding.StagingStack, "", "unknown stack cflinuxfs5"},
	{"a supply that changes the app (CF-03)", supply(`mkdir -p "$1/.profile.d" && touch "$1/.profile.d/x.sh"`), finding.WritesApp, "app/.profile.d", "made"},
	{"a supply that changes a file of the app (CF-03)", supply(`echo 'worker: sleep 1' >> "$1/Procfile"`), finding.WritesApp, "app/Procfile", "changed"},
	{"a path of the staging container in a script (CF-14)", supply(`echo "export AGENT=$own/bin/agent" > "$own/profile.d/path.sh"`), finding.WrittenPath, "deps/0/profile.d/path.sh:1", "/contents"},
	{"a link to the staging container (CF-14)", supply(`ln -s "$own/bin/agent" "$own/bin/other"`), finding.WrittenPath, "deps/0/bin/other", "/contents"},
	{"a path of the staging container in a command (CF-14)", launch(`"\$DEPS_DIR/$index/bin/agent"`, `"$own/bin/agent"`), finding.WrittenPath, "deps/0/launch.yml:3", "/contents"},
	{"a link to nothing in the droplet", supply(`ln -s nowhere "$own/bin/other"`), finding.WrittenLink, "deps/0/bin/other", "nowhere"},
	{"a file of the droplet that everybody may write to", supply(`chmod 777 "$own/bin/agent"`), finding.WrittenWritable, "deps/0/bin/agent", "rwxrwxrwx"},
	{"no config.yml (CF-04)", supply(`rm "$own/config.yml"`), finding.ConfigMissing, "deps/0/config.yml", "no such file"},
	{"a config.yml without a version (CF-04)", supply(`echo 'name: agent' > "$own/config.yml"`), finding.ConfigInvalid, "deps/0/config.yml", "no version"},
	{"memory with a unit (CF-05)", launch(memoryLine, "  limits: {memory: 64M}\n"), finding.LaunchSyntax, "deps/0/launch.yml:4", "text"},
	{"bin/compile without bin/supply (CF-01)", func(b buildpack) {
		b.remove("bin/supply")
		b.remove("bin/finalize")
		b.write("bin/compile", "#!/bin/sh\necho compiled\n", 0o755)
		b.write("manifest.yml", "language: agent\ndependencies: []\ninclude_files: [bin/compile, bin/detect, bin/release, manifest.yml]\n", 0o644)
		b.remove("buildpack.toml")
	}, finding.OnlyLast, "bin/supply", "no such file, and bin/compile"},
	{"a key that the platform drops (CF-05)", launch(memoryLine, memoryLine+"  restart: always\n"), finding.LaunchKey, "deps/0/launch.yml:5", "restart"},
	{"a command that is too long (CF-27)", launch(commandLine, "  command: "+strings.Repeat("x", 4097)+"\n"), finding.LaunchCommand, "deps/0/launch.yml:2", "4097"},
	{"a name that is too long (CF-27)", launch("- type: agent\n", "- type: agent"+strings.Repeat("x", 251)+"\n"), finding.LaunchName, "deps/0/launch.yml:2", "256"},
	{"a name twice (CF-08)", launch(sidecarLine, sidecarLine+"- type: agent\n  command: sleep 1\n"+memoryLine+sidecarLine), finding.LaunchTwice, "deps/0/launch.yml:6", "agent"},
	{"a sidecar called as a process type (CF-07)", launch(sidecarLine, "  platforms: {cloudfoundry: {sidecar_for: [web, agent]}}\n"), finding.LaunchReplacesApp, "deps/0/launch.yml:2", "agent"},
	{"a process type twice (CF-28)", launch(sidecarLine, "  platforms: {cloudfoundry: {sidecar_for: [web, web]}}\n"), finding.LaunchFor, "deps/0/launch.yml:2", "web"},
	{"no memory (CF-22)", launch(memoryLine, ""), finding.LaunchNoMemory, "deps/0/launch.yml:2", "no limits.memory"},
	{"negative memory (CF-37)", launch(memoryLine, "  limits: {memory: -1}\n"), finding.LaunchMemory, "deps/0/launch.yml:2", "-1"},
	{"all of the memory (CF-33)", launch(memoryLine, "  limits: {memory: 1024}\n"), finding.LaunchMemory, "deps/0/launch.yml:2", "1024"},
	{"a process that is not a sidecar (CF-06)", launch(sidecarLine, ""), finding.LaunchProcess, "deps/0/launch.yml:2", "sidecar_for"},
	{"a credential in the log, in base64", supply(`printf '%s' "` + secretName + `" | base64`), finding.SecretOutput, "", "API_TOKEN"},
	{"a credential in launch.yml (CF-12)", launch(commandLine, "  command: sleep 1 "+secretName+"\n"), finding.SecretLaunch, "deps/0/launch.yml", "API_TOKEN"},
	{"a credential in the droplet", supply(`echo "` + secretName + `" > "$own/agent.conf"`), finding.SecretDroplet, "deps/0/agent.conf", "API_TOKEN"},
	{"a repository whose programs are only in its package (CF-01)", func(b buildpack) {
		b.remove("bin/supply")
		b.write("scripts/build.sh", "#!/bin/sh\n", 0o755)
	}, finding.NotBuilt, "manifest.yml:16", "bin/supply, which scripts/build.sh makes"},
	{"a repository whose programs pre_package makes (CF-01)", func(b buildpack) {
		b.remove("bin/supply")
		b.write("compile.sh", "#!/bin/sh\n", 0o755)
		b.replace("manifest.yml", "language: agent\n", "language: agent\npre_package: compile.sh\n")
	}, finding.NotBuilt, "manifest.yml:17", "bin/supply, which compile.sh makes"},
	{"a repository that builds its programs where it is staged (CF-01)", func(b buildpack) {
		b.write("scripts/from-source.sh", "#!/bin/sh\nexit 1\n", 0o755)
		b.write("bin/supply", "#!/bin/sh\nexec \"$(dirname \"$0\")/../scripts/from-source.sh\" supply \"$@\"\n", 0o755)
	}, finding.NotBuilt, "bin/supply", "builds the program, by scripts/from-source.sh"},
	{"a generated profile.d script with set -e (CF-15)", supply(`printf 'set -e\n' > "$own/profile.d/x.sh"`), finding.ProfileOptions, "deps/0/profile.d/x.sh:1", "set -e"},
}

func testStagings(t *testing.T, context spec.G, it spec.S) {
	context("finds exactly", func() {
		for _, f := range inPositions {
			it(f.name, func() { expectFault(t, f, nil) })
		}
		for _, f := range dynamic {
			it(f.name, func() {
				expectFault(t, f, func(options *check.Options) { options.Staging.Quick = true })
			})
		}
	})

	for _, f := range []breakage{
		{"a supply that writes to the home directory (CF-03)", supply(`touch "$HOME/installed"`), finding.WritesElsewhere, "home/installed", "made"},
		{"a supply that needs the network", supply("exec 3<>/dev/tcp/example.com/80"), finding.StagingNetwork, "", "example.com"},
	} {
		it("finds exactly "+f.name, func() {
			needIsolation(t)
			expectFault(t, f, func(options *check.Options) { options.Staging.Quick = true })
		})
	}

	it("has a breakage for each rule, but for those of hostile buildpacks and unable machines", func() {
		tested := map[string]bool{
			finding.WritesElsewhere: true, finding.StagingNetwork: true, finding.StagingTimeout: true, finding.StagingProcess: true, finding.LaunchProgram: true, finding.LaunchMisplaced: true, // above and below
			finding.ArchiveUnsafe: true, finding.StagingExcess: true, finding.NotIsolated: true, // in other suites
		}
		for _, f := range slices.Concat(static, scripts, manifests, inPositions, dynamic) {
			tested[f.rule] = true
		}
		for _, rule := range finding.Rules() {
			NewWithT(t).Expect(tested).To(HaveKey(rule.ID))
		}
	})

	it("finds the network that is missing, and not what a failed supply has left at home", func() {
		needIsolation(t)
		same := "echo 'dial tcp: lookup example.com: no such host'"
		expectFault(t, breakage{spoil: supply(`touch "$HOME/.cache"; ` + same + "; " + same + "; exit 1"), rule: finding.StagingNetwork, found: ": dial tcp: lookup example.com: no such host | "},
			func(options *check.Options) { options.Staging.Quick = true })
	})

	it("finds a supply that does not end, and stops it with all that it has started", func() {
		expectFault(t, breakage{spoil: supply("sleep 10000 & exec sleep 10000"), rule: finding.StagingTimeout, found: "no end after"},
			func(options *check.Options) { options.Staging.Timeout = time.Minute }) // the app without the buildpack has to end in it, too
	})
}
