package check_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
)

// badSidecars are entries of launch.yml with one fault each, and what is found.
var badSidecars = []struct{ name, command, rule, found string }{
	{"unreadable", `agent --name "x`, finding.LaunchCommand, "bash cannot read"},                                      // CF-15
	{"in-background", `sleep 600 &`, finding.LaunchCommand, "in the background"},                                      // CF-17
	{"missing", `"\$DEPS_DIR/$index/bin/agnet" --port 9000`, finding.LaunchProgram, "deps/0/bin/agnet: no such file"}, // CF-17
	{"missing-behind-exec", `exec /home/vcap/deps/$index/bin/agnet`, finding.LaunchProgram, "deps/0/bin/agnet: no such file"},
	{"not-executable", `\${DEPS_DIR}/$index/bin/plain`, finding.LaunchProgram, "mode -rw-r--r--"},
	{"with-windows-lines", `\$DEPS_DIR/$index/bin/windows`, finding.LaunchProgram, "Windows line endings"},
	{"for-another-processor", `\$DEPS_DIR/$index/bin/foreign`, finding.LaunchProgram, "arm64"},
}

const badPrograms = `cp "$own/bin/agent" "$own/bin/plain"; chmod 644 "$own/bin/plain"
printf '#!/bin/sh\r\nsleep 1\r\n' > "$own/bin/windows"
printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\267\0\1\0\0\0' > "$own/bin/foreign"
chmod 755 "$own/bin/windows" "$own/bin/foreign"
`

// misspelled are entries with a key that the platform drops (CF-05).
const misspelled = `- {type: a, Command: sleep 1, limits: {memory: 1}, platforms: {cloudfoundry: {sidecar_for: [web]}}}
- {type: b, command: sleep 1, limits: {mem: 1}, platforms: {cloudfoundry: {sidecar_for: [web]}}}
- {type: c, command: sleep 1, limits: {memory: 1}, platforms: {cloudfoundry: {sidecar-for: [web]}}}
---
processes: []
`

func testLaunch(t *testing.T, context spec.G, it spec.S) {
	quick := func(options *check.Options) { options.Staging.Quick = true }

	it("finds exactly the sidecars whose command or program cannot run", func() {
		b := goodBuildpack(t)
		lines := badPrograms + "cat >>\"$own/launch.yml\" <<END\n"
		var expected []any
		for _, s := range badSidecars {
			lines += "- type: " + s.name + "\n  command: '" + s.command + "'\n" + memoryLine + sidecarLine
			expected = append(expected, And(HaveField("Rule.ID", s.rule), HaveField("Found", And(HavePrefix(`"`+s.name+`": `), ContainSubstring(s.found)))))
		}
		b.supply(lines + "END")
		NewWithT(t).Expect(checked(t, b.directory, quick)).To(ConsistOf(expected...))
	})

	it("finds exactly the keys and documents that the platform drops (CF-05)", func() {
		b := goodBuildpack(t)
		b.supply("echo 'processes:' >>\"$own/launch.yml\"\ncat >>\"$own/launch.yml\" <<'END'\n" + misspelled + "END")
		var expected []any
		for _, found := range []string{`"processes", which line 6 repeats`, `"Command"`, `"mem"`, `"sidecar-for"`, "a second document"} {
			expected = append(expected, And(HaveField("Rule.ID", finding.LaunchKey), HaveField("Found", ContainSubstring(found))))
		}
		NewWithT(t).Expect(checked(t, b.directory, quick)).To(ConsistOf(expected...))
	})

	it("finds nothing in an entry that is merged from another one (CF-05)", func() {
		b := goodBuildpack(t)
		b.supply("cat >>\"$own/launch.yml\" <<'END'\n- &more\n  type: more\n  command: sleep 600\n  limits: {memory: 16}\n  platforms: {cloudfoundry: {sidecar_for: [web]}}\n- <<: *more\n  type: merged\nEND")
		NewWithT(t).Expect(checked(t, b.directory, quick)).To(BeEmpty())
	})

	context("finds exactly", func() {
		for _, f := range []breakage{
			{"sidecars that leave the process no memory (CF-33)", launch(sidecarLine, sidecarLine+"- type: other\n  command: sleep 600\n  limits: {memory: 960}\n"+sidecarLine), finding.LaunchMemory, "deps/0/launch.yml", "1024 MB of all sidecars"},
			{"launch.yaml in place of launch.yml (CF-05)", supply(`mv "$own/launch.yml" "$own/launch.yaml"; exit 0`), finding.LaunchMisplaced, "deps/0/launch.yaml", `"agent"`},
			{"launch.yml in a directory (CF-05)", supply(`mv "$own/launch.yml" "$own/bin/launch.yml"; exit 0`), finding.LaunchMisplaced, "deps/0/bin/launch.yml", `"agent"`},
		} {
			it(f.name, func() { expectFault(t, f, quick) })
		}
	})
}
