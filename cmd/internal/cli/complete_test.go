package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/standin"
)

func testComplete(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	// complete returns what a shell offers for the last of these words.
	complete := func(environ []string, words ...string) []string {
		t.Helper()
		var stdout, stderr bytes.Buffer
		Expect(Main(carriedForTests, append([]string{"sidecar", "__complete"}, words...), environ, &stdout, &stderr)).To(Equal(0), stderr.String())
		lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
		offered := []string{}
		for _, line := range lines[:len(lines)-1] { // the last line is a directive for the shell
			value, _, _ := strings.Cut(line, "\t")
			offered = append(offered, value)
		}
		return offered
	}

	it.Before(func() {
		t.Chdir(t.TempDir())
		write(t, "manifest.yml", "applications:\n- name: go-app\n  memory: ((size))\n- name: the worker\n  env: {A: ((size)), B: ((other))}\n- name: ((name))\n", 0o644)
	})

	it("offers commands and flags", func() {
		Expect(complete(nil, "pu")).To(Equal([]string{"push"}))
		Expect(complete(nil, "help", "")).To(ContainElements("push", "stage", "run", "completion"))
		Expect(complete(nil, "completion", "")).To(Equal([]string{"bash", "zsh", "fish", "powershell"}))
		Expect(complete(nil, "push", "--env")).To(Equal([]string{"--env", "--env-file"}))
	})

	it("offers zips to check, and what its flags take", func() {
		Expect(complete(nil, "check", "")).To(Equal([]string{"zip"}))
		Expect(complete(nil, "check", "--output", "")).To(Equal([]string{"text", "json", "sarif"}))
		Expect(complete(nil, "check", "--fail-on", "")).To(Equal([]string{"error", "warning", "note"}))
	})

	for _, command := range []string{"push", "stage", "run", "plan"} {
		it("offers the apps of the manifest, whatever values it lacks, to "+command, func() {
			Expect(complete(nil, command, "")).To(Equal([]string{"go-app", "the worker"}))
			Expect(complete(nil, command, "go-app", "")).To(BeEmpty())
			write(t, "other/manifest.yml", "applications: [{name: other}]\n", 0o644)
			Expect(complete(nil, command, "-f", "other", "")).To(Equal([]string{"other"}))
			Expect(complete(nil, command, "-f", "none", "")).To(BeEmpty())
			write(t, "manifest.yml", "applications: [\n", 0o644)
			Expect(complete(nil, command, "")).To(BeEmpty())
		})
	}

	it("offers what was staged without a manifest to run", func() {
		write(t, ".sidecar/a%2Fb/result.json", "{}", 0o644)
		write(t, ".sidecar/only a cache/cache.tgz", "", 0o644)
		Expect(complete(nil, "run", "")).To(Equal([]string{"a/b", "go-app", "the worker"}))
	})

	it("offers the variables that the manifest needs", func() {
		Expect(complete(nil, "push", "--var", "")).To(Equal([]string{"name=", "other=", "size="}))
	})

	it("offers buildpacks by name, and those in directories and zips", func() {
		write(t, "buildpacks/mine/bin/supply", "", 0o755)
		write(t, "buildpacks/more/further/bin/supply", "", 0o755)
		write(t, "buildpacks/packed.zip", "", 0o644)
		write(t, "buildpacks/README.md", "", 0o644)
		Expect(complete(nil, "push", "-b", "si")).To(Equal([]string{"sidecar_buildpack"}))
		Expect(complete(nil, "push", "--buildpack", "")).To(ConsistOf(append(standin.Names(), "sidecar_buildpack", "buildpacks/")))
		Expect(complete(nil, "push", "-b", "buildpacks/")).To(Equal([]string{"buildpacks/mine", "buildpacks/more/", "buildpacks/packed.zip"}))
		Expect(complete(nil, "plan", "-b", "./buildpacks/m")).To(Equal([]string{"./buildpacks/mine", "./buildpacks/more/"}))
		Expect(complete(nil, "push", "--buildpack-for", "")).To(ContainElement("ruby_buildpack="))
		Expect(complete(nil, "push", "--buildpack-for", "ruby_buildpack=buildpacks/p")).To(Equal([]string{"ruby_buildpack=buildpacks/packed.zip"}))
	})

	it("offers the other values of flags", func() {
		Expect(complete(nil, "plan", "--output", "")).To(Equal([]string{"text", "json"}))
		Expect(complete(nil, "ps", "--output", "j")).To(ConsistOf("text", "json"))
		Expect(complete(nil, "push", "-s", "")).To(ContainElement("cflinuxfs4"))
		Expect(complete(nil, "push", "-m", "")).To(BeEmpty())
		Expect(complete(nil, "push", "--services", "")).To(Equal([]string{"json"}), "the ending of a file")
		Expect(complete(nil, "validate", "")).To(Equal([]string{"yml", "yaml", "toml"}), "the endings of files")
	})

	it("offers the apps that run to ps, and to plan --running", func() {
		temp := t.TempDir()
		write(t, "app/Procfile", "web: echo ready; exec sleep 1000\n", 0o644)
		write(t, "app/sidecars.yml", "- {name: a, command: exec sleep 1000, memory: 1M}\n", 0o644)
		write(t, "app/manifest.yml", "applications: [{name: that runs, health-check-type: process}]\n", 0o644)
		environ := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + temp, "TMPDIR=" + temp, "XDG_RUNTIME_DIR=" + temp}
		command := exec.Command(program, "push", "-b", "sidecar_buildpack")
		command.Dir, command.Env = filepath.Join(".", "app"), environ
		session, err := gexec.Start(command, nil, nil)
		Expect(err).NotTo(HaveOccurred())
		t.Cleanup(func() { NewWithT(t).Eventually(session.Kill()).Should(gexec.Exit()) })
		NewWithT(t).Eventually(session).Should(gbytes.Say(`OUT ready\n`))
		Expect(complete(environ, "ps", "")).To(Equal([]string{"that runs"}))
		Expect(complete(environ, "plan", "--running", "")).To(Equal([]string{"that runs"}))
		session.Interrupt()
		NewWithT(t).Eventually(session).Should(gexec.Exit(0))
		Expect(complete(environ, "ps", "")).To(BeEmpty())
	})

	for _, shell := range shells {
		it("has a script for "+shell, func() {
			var stdout, stderr bytes.Buffer
			Expect(Main(carriedForTests, []string{"sidecar", "completion", shell}, nil, &stdout, &stderr)).To(Equal(0), stderr.String())
			Expect(stdout.String()).To(ContainSubstring("__complete"))
		})
	}
}
