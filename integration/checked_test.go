package integration_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testChecked checks buildpacks that are to keep all rules of the platform.
func testChecked(t *testing.T, _ spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	expectNothing := func(buildpack string, flags ...string) {
		t.Helper()
		check := exec.Command(built.sidecar, append([]string{"check", buildpack, "--fail-on", "note"}, flags...)...)
		check.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
		output, err := check.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		Expect(string(output)).To(ContainSubstring("OK: nothing found in"))
	}

	it("finds nothing in the packages of this buildpack, with and without dependencies", func() {
		zips, err := packages()
		Expect(err).NotTo(HaveOccurred())
		expectNothing(filepath.Join(zips, built.name+"_buildpack-v9.8.7.zip"), "--trust")
		expectNothing(filepath.Join(zips, built.name+"_buildpack-cached-v9.8.7.zip"), "--trust", "--quick")
	})

	it("finds nothing in this repository, nor in the buildpacks among its examples", func() {
		expectNothing(built.root, "--static")
		examples, err := filepath.Glob(filepath.Join(built.root, "examples", "buildpacks", "*", "bin"))
		Expect(err).NotTo(HaveOccurred())
		for _, bin := range examples {
			expectNothing(filepath.Dir(bin), "--static")
		}
	})

	it("finds nothing in a buildpack that sidecar new has made", func() {
		work := t.TempDir()
		Expect(os.WriteFile(filepath.Join(work, "program"), []byte("#!/bin/sh\nexec sleep 600\n"), 0o755)).To(Succeed())
		for _, command := range []*exec.Cmd{
			exec.Command(built.sidecar, "new", "agent", "--from", "file://"+filepath.Join(work, "program"), "--version", "1.2.3", "--replace", built.root),
			exec.Command(filepath.Join(work, "agent", "scripts", "package.sh"), "--cached"),
		} {
			command.Dir = work
			output, err := command.CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), string(output))
		}
		expectNothing(filepath.Join(work, "agent", ".build", "agent_buildpack-cached-v0.1.0.zip"), "--trust")

		output, err := exec.Command(built.sidecar, "check", filepath.Join(work, "agent")).CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		Expect(string(output)).To(And(
			ContainSubstring("bin/supply: note: it is not staged, as its programs are built when it is packaged: found a script that builds the program, by scripts/from-source.sh"),
			ContainSubstring("0 errors, 1 warning and 1 note in ")), "the warning is of the agent's address")
	})
}
