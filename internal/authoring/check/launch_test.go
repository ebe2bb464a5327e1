package check_test

import "github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"

const agentCommand = `"\$DEPS_DIR/$index/bin/agent" --port 9000`

// launches are faults of launch.yml and of the commands in it.
var launches = []breakage{
	{"a command that bash cannot read (CF-15)", launch("--port 9000", "--name \"x"), finding.LaunchCommand, "deps/0/launch.yml:2", "bash cannot read"},
	{"a command that runs in the background (CF-17)", launch("--port 9000", "--port 9000 &"), finding.LaunchCommand, "deps/0/launch.yml:2", "in the background"},
	{"a program that is not there", launch("bin/agent\" --port", "bin/agnet\" --port"), finding.LaunchProgram, "deps/0/launch.yml:2", "the program deps/0/bin/agnet: no such file"},
	{"a program that is not there, behind exec", launch(agentCommand, "exec /home/vcap/deps/$index/bin/agnet"), finding.LaunchProgram, "deps/0/launch.yml:2", "the program deps/0/bin/agnet: no such file"},
	{"a program without its executable bit", supply(`chmod -x "$own/bin/agent"`), finding.LaunchProgram, "deps/0/launch.yml:2", "mode -rw-r--r--"},
	{"a program with Windows line endings", supply(`printf '#!/bin/sh\r\nsleep 1\r\n' > "$own/bin/agent"`), finding.LaunchProgram, "deps/0/launch.yml:2", "Windows line endings"},
	{"a program for another processor", supply(`printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\267\0\1\0\0\0' > "$own/bin/agent"`), finding.LaunchProgram, "deps/0/launch.yml:2", "arm64"},
	{"sidecars that leave the process no memory (CF-33)", launch(sidecarLine, sidecarLine+"- type: other\n  command: sleep 600\n  limits: {memory: 960}\n"+sidecarLine), finding.LaunchMemory, "deps/0/launch.yml", "1024 MB of all sidecars"},
	{"a key of another case (CF-05)", launch("  command: ", "  Command: "), finding.LaunchKey, "deps/0/launch.yml:3", `"Command"`},
	{"a misspelled sidecar_for (CF-05)", launch("sidecar_for", "sidecar-for"), finding.LaunchKey, "deps/0/launch.yml:5", `"sidecar-for"`},
	{"a misspelled memory (CF-05)", launch("{memory: 64}", "{mem: 64}"), finding.LaunchKey, "deps/0/launch.yml:4", `"mem"`},
	{"processes twice (CF-05)", supply(`cat "$own/launch.yml" >> "$own/launch.yml.new"; cat "$own/launch.yml.new" >> "$own/launch.yml"; rm "$own/launch.yml.new"`), finding.LaunchKey, "deps/0/launch.yml:1", `"processes", which line 6 has again`},
	{"a second document of YAML (CF-05)", supply(`printf -- '---\nprocesses: []\n' >> "$own/launch.yml"`), finding.LaunchKey, "deps/0/launch.yml:6", "a second document"},
	{"launch.yaml in place of launch.yml (CF-05)", supply(`mv "$own/launch.yml" "$own/launch.yaml"; exit 0`), finding.LaunchMisplaced, "deps/0/launch.yaml", `"agent"`},
	{"launch.yml in a directory (CF-05)", supply(`mv "$own/launch.yml" "$own/bin/launch.yml"; exit 0`), finding.LaunchMisplaced, "deps/0/bin/launch.yml", `"agent"`},
}
