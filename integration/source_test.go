package integration_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testSource stages with the repository itself as the buildpack, whose programs
// are then built from source.
func testSource(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		directory string
	)

	it.Before(func() {
		directory = app(t, map[string]string{"Procfile": "web: ./start", "sidecars.yml": "- name: config-server"})
	})

	// run runs a program in a directory of its own.
	run := func(directory, name string, args ...string) {
		t.Helper()
		command := exec.Command(name, args...)
		command.Dir = directory
		output, err := command.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
	}
	// clone makes a copy of the repository as its users get it: what git knows
	// or would take.
	clone := func() string {
		copied := t.TempDir()
		list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
		list.Dir = built.root
		files, err := list.Output()
		Expect(err).NotTo(HaveOccurred())
		for _, file := range strings.Split(strings.TrimRight(string(files), "\x00"), "\x00") {
			Expect(os.MkdirAll(filepath.Join(copied, filepath.Dir(file)), 0o755)).To(Succeed())
			run(built.root, "cp", "-p", file, filepath.Join(copied, file))
		}
		return copied
	}
	expectStaged := func(name string) {
		t.Helper()
		staged := stage(t, directory, "-b", name)
		Expect(staged.Sidecars).To(HaveLen(1))
		Expect(staged.log).To(ContainSubstring("Building the sidecar buildpack's supply from source"))
		Expect(staged.files(t)).To(ContainElement("./deps/0/bin/config-server"))
		Expect(staged.Lifecycle.Buildpacks[0].Key).To(Equal(name))
		Expect(staged.Lifecycle.Buildpacks[0].Name).To(Equal("sidecar"))
	}

	it("stages from a directory", func() {
		expectStaged(built.root)
	})

	it("stages from a zip", func() {
		zip := filepath.Join(t.TempDir(), "sidecar-buildpack.zip")
		repository := clone()
		run(repository, "git", "init", "-q")
		run(repository, "git", "add", "-A")
		run(repository, "git", "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "all")
		run(repository, "git", "archive", "--format=zip", "-o", zip, "HEAD")
		expectStaged(zip)
	})

	it("stages from a git URL with a branch", func() {
		repository := clone()
		run(repository, "git", "init", "-q", "-b", "release")
		run(repository, "git", "add", "-A")
		run(repository, "git", "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "all")
		expectStaged(fmt.Sprintf("file://%s#release", repository))
	})

	context("failure cases", func() {
		it("says what is missing on a machine without Go", func() {
			output := filepath.Join(t.TempDir(), "droplet")
			s := startSidecar(t, directory, []string{"PATH=" + pathWithoutGo(t)}, "stage", "-o", output, "-b", built.root, "-b", buildpack("plain"), "--lifecycle", built.lifecycle)
			s.await()
			Expect(s.ExitCode()).To(Equal(225))
			Expect(s.log()).To(ContainSubstring("The sidecar buildpack runs from source and needs Go, which is not on PATH."))
		})
	})
}
