package check_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onsi/gomega"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
)

// goodSupply does all that is right: it writes to its own directory alone, twice where the index is
// padded (CF-02), and says so if an earlier buildpack has the sidecar (CF-07).
const goodSupply = `#!/bin/bash
set -euo pipefail
deps=$3
index=$4
own=$deps/$index
here=$(cd "$(dirname "$0")/.." && pwd)
if grep -qs 'type: "*agent' "$deps"/*/launch.yml; then
  echo "-----> An earlier buildpack already has a sidecar agent: it is left alone"
  printf 'name: agent\nversion: 1.2.3\n' > "$own/config.yml"
  exit 0
fi
mkdir -p "$own/bin" "$own/profile.d"
cp "$here/agent.sh" "$own/bin/agent"
cp "$here/profile/agent-profile.sh" "$own/profile.d/agent-profile.sh"
ln -s agent "$own/bin/agent-alias"
cat > "$own/launch.yml" <<END
processes:
- type: agent
  command: '"\$DEPS_DIR/$index/bin/agent" --port 9000'
  limits: {memory: 64}
  platforms: {cloudfoundry: {sidecar_for: [web]}}
END
printf 'name: agent\nversion: 1.2.3\nconfig: {}\n' > "$own/config.yml"
if [ "$((10#$index))" != "$index" ]; then
  mkdir -p "$deps/$((10#$index))"
  cp "$own/launch.yml" "$deps/$((10#$index))/launch.yml"
fi
# more
echo "-----> Supplied the agent"
`

const goodFinalize = `#!/usr/bin/env bash
set -euo pipefail
for script in "$3"/*/profile.d/*; do
  [ ! -f "$script" ] || cp "$script" "$5/"
done
`

const goodManifest = `---
language: agent
default_versions:
- name: agent
  version: 1.x
dependencies:
- name: agent
  version: 1.2.3
  uri: https://example.com/agent-1.2.3.tgz
  sha256: 22da8d8e23ed4484ed950b46d95c4505af1471b736f9be5ac292dae6b2f36d34
  cf_stacks: [cflinuxfs4, cflinuxfs5]
packaging_profiles:
  core:
    description: without the agent
    exclude: [agent]
include_files: [README.md, VERSION, agent.sh, bin/detect, bin/finalize, bin/release, bin/supply, buildpack.toml, manifest.yml, profile/agent-profile.sh]
`

const goodCatalog = `[buildpack]
id = "agent"
name = "Agent Buildpack"

[[metadata.sidecars]]
name = "agent"
dependency = "agent"
executable = "agent"
memory = "64M"
`

// goodProfile exports what it may.
const goodProfile = `export AGENT_PORT=9000
export PATH="$DEPS_DIR/agent/bin:$PATH"
options="${JAVA_OPTS:-}"
export JAVA_OPTS="$options -Dagent=on"
(cd / && ls > /dev/null)
agent_port() { return 0; }
[ -n "$DEPS_DIR" ] || exit 1
if [ -z "${AGENT_HOST:-}" ]; then export AGENT_HOST=127.0.0.1; fi
`

// A buildpack is a directory in which there is a good one, until a spec spoils it.
type buildpack struct {
	t         *testing.T
	directory string
}

func goodBuildpack(t *testing.T) buildpack {
	t.Helper()
	b := buildpack{t, t.TempDir()}
	b.write("bin/supply", goodSupply, 0o755)
	b.write("bin/finalize", goodFinalize, 0o755)
	b.write("bin/detect", "#!/bin/sh\nexit 1\n", 0o755)
	b.write("bin/release", "#!/bin/sh\necho 'default_process_types: {}'\n", 0o755)
	b.write("agent.sh", "#!/bin/sh\nexec sleep 600\n", 0o755)
	b.write("profile/agent-profile.sh", goodProfile, 0o644)
	b.write("manifest.yml", goodManifest, 0o644)
	b.write("buildpack.toml", goodCatalog, 0o644)
	b.write("VERSION", "1.2.3\n", 0o644)
	b.write("README.md", "# Agent\n", 0o644)
	return b
}

func (b buildpack) path(name string) string { return filepath.Join(b.directory, name) }

func (b buildpack) write(name, content string, mode os.FileMode) {
	b.t.Helper()
	platformtest.WriteFile(b.t, b.path(name), content, mode)
}

// replace replaces a text of a file, which has to be there.
func (b buildpack) replace(name, old, replacement string) {
	b.t.Helper()
	g := gomega.NewWithT(b.t)
	content, err := os.ReadFile(b.path(name))
	g.Expect(err).NotTo(gomega.HaveOccurred())
	g.Expect(string(content)).To(gomega.ContainSubstring(old))
	info, err := os.Stat(b.path(name))
	g.Expect(err).NotTo(gomega.HaveOccurred())
	b.write(name, strings.Replace(string(content), old, replacement, 1), info.Mode().Perm())
}

// supply adds lines to bin/supply, once all is written.
func (b buildpack) supply(lines string) { b.replace("bin/supply", "# more", lines) }
