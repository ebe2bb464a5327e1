package dependency_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/dependency"
)

func testOverride(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		deps   string
	)

	it.Before(func() {
		deps = t.TempDir()
	})
	override := func(index, content string) {
		t.Helper()
		Expect(os.MkdirAll(filepath.Join(deps, index), 0o755)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(deps, index, "override.yml"), []byte(content), 0o600)).To(Succeed())
	}
	resolve := func(constraint string) dependency.Dependency {
		t.Helper()
		dependencies, err := load(t, manifestContent, deps, "cflinuxfs4")
		Expect(err).NotTo(HaveOccurred())
		found, err := dependencies.Resolve("agent", constraint)
		Expect(err).NotTo(HaveOccurred())
		return found
	}

	it("takes another buildpack's default version", func() {
		override("0", "sidecar:\n  default_versions: [{name: agent, version: 1.3.x}]\n")
		Expect(resolve("").Version).To(Equal("1.3.0"))
	})

	it("takes another file for a version that there is", func() {
		override("0", "sidecar:\n  dependencies: [{name: agent, version: 1.2.10, uri: 'https://mirror/agent', sha256: ab, cf_stacks: [cflinuxfs4]}]\n")
		Expect(resolve("")).To(Equal(dependency.Dependency{Name: "agent", Version: "1.2.10", Artifact: artifact.Artifact{URI: "https://mirror/agent", Checksum: "ab"}}))
	})

	it("takes a version that there was not, and the last of several words on it", func() {
		override("0", "sidecar:\n  dependencies: [{name: agent, version: 1.9.0, uri: first, sha256: ab, cf_stacks: [cflinuxfs4]}]\n")
		override("1", "sidecar:\n  dependencies: [{name: agent, version: 1.9.0, uri: second, sha256: ab, cf_stacks: [cflinuxfs4]}]\n")
		Expect(resolve("1.x").Artifact.URI).To(Equal("second"))
	})

	it("leaves alone what is said of another language", func() {
		override("0", "java:\n  default_versions: [{name: agent, version: [1.3.x]}]\nruby: [a]\n")
		Expect(resolve("").Version).To(Equal("1.2.10"))
	})

	context("failure cases", func() {
		it("says what is missing", func() {
			override("0", "sidecar:\n  dependencies: [{name: agent, version: 1.9.0, cf_stacks: [cflinuxfs4]}]\n")
			_, err := load(t, manifestContent, deps, "cflinuxfs4")
			Expect(err).To(MatchError(`failed to read the override.yml of buildpack 0: found the dependency "agent" "1.9.0" without all that it needs; expected name, version, uri, sha256 and cf_stacks`))
		})

		it("refuses what is not a file, or fills the memory, without reading it", func() {
			const message = "failed to read the override.yml of buildpack 0: "
			file := filepath.Join(deps, "0", "override.yml")
			override("0", "")
			Expect(os.Truncate(file, 1<<40)).To(Succeed())
			_, err := load(t, manifestContent, deps, "cflinuxfs4")
			Expect(err).To(MatchError(message + file + ": found 1048576 MB; expected a regular file of at most 1 MB"))
			Expect(os.Remove(file)).To(Succeed())
			Expect(syscall.Mkfifo(file, 0o600)).To(Succeed())
			_, err = load(t, manifestContent, deps, "cflinuxfs4")
			Expect(err).To(MatchError(message + file + ": found a named pipe; expected a regular file of at most 1 MB"))
			Expect(os.Remove(file)).To(Succeed())
			Expect(os.Symlink("/dev/zero", file)).To(Succeed())
			_, err = load(t, manifestContent, deps, "cflinuxfs4")
			Expect(err).To(MatchError(message + file + ": found a device; expected a regular file of at most 1 MB"))
		})

		it("says which buildpack's it cannot read", func() {
			override("0", "a: [")
			_, err := load(t, manifestContent, deps, "cflinuxfs4")
			Expect(err).To(MatchError(HavePrefix("failed to read the override.yml of buildpack 0: ")))
		})
	})
}
