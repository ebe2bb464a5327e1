package buildpack_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/buildpack"
)

// testScript runs the scripts in the repository's bin.
func testScript(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		s       *staging
		environ []string
	)

	it.Before(func() {
		s = stage(t)
		s.write("app/sidecars.yml", "- name: config-server\n")
		s.write("app/Procfile", "web: run\n")
		Expect(os.Mkdir(s.path("tmp"), 0o755)).To(Succeed())
		environ = append(os.Environ(), "TMPDIR="+s.path("tmp"))
	})

	// run runs a program from another directory and returns its exit code.
	run := func(program string, args ...string) int {
		t.Helper()
		s.stdout, s.stderr = bytes.Buffer{}, bytes.Buffer{}
		command := exec.Command(program, args...)
		command.Dir, command.Env, command.Stdout, command.Stderr = s.root, environ, &s.stdout, &s.stderr
		err := command.Run()
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(os.ReadDir(s.path("tmp"))).To(BeEmpty(), "what it has built must be gone")
		return command.ProcessState.ExitCode()
	}

	it("CF-09 says in release what the compiled program says", func() {
		Expect(run(filepath.Join(repository, "bin", "release"), "app")).To(Equal(0))
		var stdout, stderr bytes.Buffer
		Expect(buildpack.Release([]string{"bin/release", "app"}, nil, &stdout, &stderr)).To(Equal(0))
		Expect(s.stdout.String()).To(Equal(stdout.String()))
		Expect(s.stderr.String()).To(Equal(stderr.String()))
		Expect(run(filepath.Join(repository, "bin", "release"))).To(Equal(2))
		Expect(s.stderr.String()).To(Equal("usage: bin/release BUILD_DIR\n"))
	})

	without := func(environ []string, name string) []string {
		return slices.DeleteFunc(slices.Clone(environ), func(v string) bool { return strings.HasPrefix(v, name+"=") })
	}

	// withoutGo makes a directory with all programs that the scripts need, except Go and curl.
	withoutGo := func() {
		t.Helper()
		Expect(os.MkdirAll(s.path("tools"), 0o755)).To(Succeed())
		for _, tool := range []string{"bash", "chmod", "dirname", "mkdir", "mktemp", "readlink", "rm", "sed", "uname"} {
			path, err := exec.LookPath(tool)
			Expect(err).NotTo(HaveOccurred())
			Expect(os.Symlink(path, s.path("tools/"+tool))).To(Succeed())
		}
	}

	it("CF-01 works from another directory and through a link", func() {
		Expect(os.Symlink(repository, s.path("linked buildpack"))).To(Succeed())
		Expect(run(s.path("linked buildpack/bin/supply"), "app", "cache", "deps", "0")).To(Equal(0), s.stderr.String())
		Expect(s.stderr.String()).To(HavePrefix("-----> Building the supply of Sidecar Buildpack from source\n"))
		Expect(s.path("deps/0/bin/config-server")).To(BeARegularFile())
		Expect(s.path("deps/0/launch.yml")).To(BeARegularFile())

		Expect(run(s.path("linked buildpack/bin/finalize"), "app", "cache", "deps", "0", "profile.d")).To(Equal(0), s.stderr.String())
		Expect(s.path("profile.d/000_multi-supply.sh")).To(BeARegularFile())
	})

	it("works where bin/supply itself is a link", func() {
		Expect(os.Symlink(filepath.Join(repository, "bin", "detect"), s.path("detect"))).To(Succeed())
		Expect(run("./detect", "app")).To(Equal(0), s.stderr.String())
		Expect(s.stdout.String()).To(MatchRegexp(`^\S+ \S+\n$`), "name and version")
	})

	it("takes nothing that the app has set for its own build", func() {
		environ = append(environ, "GOFLAGS=-mod=vendor", "GO111MODULE=off", "GOOS=windows", "GOARCH=arm64", "GOTOOLCHAIN=go1.1", "GOWORK=/nowhere", "BUILDPACK_DIR=/nowhere")
		Expect(run(filepath.Join(repository, "bin", "detect"), "app")).To(Equal(0), s.stderr.String())
	})

	it("works without HOME", func() {
		for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPROXY"} {
			value, err := exec.Command("go", "env", name).Output()
			Expect(err).NotTo(HaveOccurred())
			environ = append(environ, name+"="+strings.TrimSpace(string(value)))
		}
		environ = without(without(environ, "HOME"), "GOPATH")
		Expect(run(filepath.Join(repository, "bin", "release"), "app")).To(Equal(0), s.stderr.String())
		Expect(s.stdout.String()).To(Equal("---\ndefault_process_types: {}\n"))
	})

	context("failure cases", func() {
		it("CF-11 exits as the program does", func() {
			s.write("app/sidecars.yml", "- a\n")
			Expect(run(filepath.Join(repository, "bin", "supply"), "app", "cache", "deps", "0")).To(Equal(225))
			Expect(s.stdout.String()).To(HaveSuffix("sidecars.yml:1: sidecar: found \"a\"; expected a mapping with the key name\n"))
			Expect(run(filepath.Join(repository, "bin", "detect"))).To(Equal(2))
		})

		for _, phase := range []struct {
			program string
			code    int
		}{{"detect", 222}, {"supply", 225}, {"finalize", 226}} {
			it("CF-11 says in "+phase.program+" what to do without Go", func() {
				withoutGo()
				environ = append(without(environ, "PATH"), "PATH="+s.path("tools"))
				Expect(run(filepath.Join(repository, "bin", phase.program), "app", "cache", "deps", "0")).To(Equal(phase.code))
				Expect(s.stdout.String()).To(BeEmpty())
				Expect(s.stderr.String()).To(Equal("-----> Sidecar Buildpack runs from source and needs Go, which is not on PATH.\n" +
					"-----> Go cannot be installed without curl.\n-----> Install Go from https://go.dev/dl, or use a packaged release of the buildpack.\n"))
			})
		}

		it("calls itself what buildpack.toml calls it", func() {
			for _, name := range []string{"run-from-source.sh", "install-go.sh"} {
				content, err := os.ReadFile(filepath.Join(repository, "scripts", name))
				Expect(err).NotTo(HaveOccurred())
				s.write("fork/scripts/"+name, string(content))
			}
			withoutGo()
			for description, name := range map[string]string{
				"[buildpack]\nid = 'fork'\nname = 'The Fork'\n[metadata]\nname = 'x'\n": "The Fork",
				"[buildpack]\nid = \"fork\"\n[[metadata.sidecars]]\nname = \"x\"\n":     "The sidecar buildpack",
			} {
				s.write("fork/buildpack.toml", description)
				environ = append(without(environ, "PATH"), "PATH="+s.path("tools"))
				Expect(run(s.path("tools/bash"), s.path("fork/scripts/run-from-source.sh"), "supply", "app", "cache", "deps", "0")).To(Equal(225))
				Expect(s.stderr.String()).To(HavePrefix("-----> " + name + " runs from source and needs Go, which is not on PATH.\n"))
			}
		})

		it("CF-11 exits with the phase's code where it cannot be built", func() {
			environ = append(environ, "GOMODCACHE="+s.path("modules"), "GOPROXY=off")
			Expect(run(filepath.Join(repository, "bin", "supply"), "app", "cache", "deps", "0")).To(Equal(225))
			Expect(s.stdout.String()).To(BeEmpty())
			Expect(s.stderr.String()).To(HaveSuffix("-----> Sidecar Buildpack could not be built.\n"))
		})

		it("CF-11 exits with the phase's code where there is no place to build in", func() {
			Expect(os.Remove(s.path("tmp"))).To(Succeed())
			command := exec.Command(filepath.Join(repository, "bin", "finalize"), "app", "cache", "deps", "0", "profile.d")
			command.Dir, command.Env = s.root, environ
			output, err := command.CombinedOutput()
			Expect(err).To(MatchError("exit status 226"))
			Expect(string(output)).To(HaveSuffix("TMPDIR has to name a directory that it can write to.\n"))
		})

		it("knows no other program", func() {
			Expect(run(filepath.Join(repository, "scripts", "run-from-source.sh"), "compile")).To(Equal(2))
			Expect(s.stderr.String()).To(Equal("found program 'compile'; expected detect, supply or finalize\n"))
		})
	})
}
