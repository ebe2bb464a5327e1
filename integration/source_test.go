package integration_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
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
	// withToolchain is a clone that fetches its Go from loopback: a file of this
	// machine or, where there is none, that text.
	withToolchain := func(path, file string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if content, err := os.Open(file); err == nil {
				defer content.Close()
				_, _ = io.Copy(w, content) // a client that is gone is not this one's to tell
				return
			}
			fmt.Fprint(w, file)
		}))
		t.Cleanup(server.Close)
		repository := clone()
		manifest := filepath.Join(repository, "manifest.yml")
		content, err := os.ReadFile(manifest)
		Expect(err).NotTo(HaveOccurred())
		changed := regexp.MustCompile(`https://proxy\.golang\.org/.*`).ReplaceAllLiteralString(string(content), server.URL+path)
		Expect(changed).NotTo(Equal(string(content)))
		Expect(os.WriteFile(manifest, []byte(changed), 0o600)).To(Succeed())
		return repository
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

	it("installs the Go that manifest.yml pins where there is none, once", func() {
		download := exec.Command("go", "mod", "download", "-json", "golang.org/toolchain@v0.0.1-go1.26.8.linux-amd64")
		download.Env = append(os.Environ(), "GOFLAGS=-mod=mod")
		output, err := download.Output()
		Expect(err).NotTo(HaveOccurred(), string(output))
		var module struct{ Zip string }
		Expect(json.Unmarshal(output, &module)).To(Succeed())
		buildpack := withToolchain("/toolchain.zip", module.Zip)

		droplet := filepath.Join(t.TempDir(), "droplet")
		path := pathWithout(t, "go")
		for _, from := range []string{"http://127.0.0.1:", "the cache"} {
			s := startSidecar(t, directory, []string{"PATH=" + path}, "stage", "-o", droplet, "-b", buildpack, "--lifecycle", built.lifecycle)
			NewWithT(t).Eventually(s.Session, "300s").Should(gexec.Exit(0), func() string { return s.log() + string(s.Err.Contents()) })
			Expect(s.log()).To(ContainSubstring("Installing Go 1.26.8 from " + from))
			Expect(s.log()).To(MatchRegexp(`Installed Go 1\.26\.8 in \d+ s\n`))
			Expect(s.log()).To(MatchRegexp(`Built in \d+ s\n`))
			s.expectNothingLeft()
		}
	})

	context("failure cases", func() {
		it("says what is missing on a machine without Go", func() {
			output := filepath.Join(t.TempDir(), "droplet")
			s := startSidecar(t, directory, []string{"PATH=" + pathWithout(t, "go", "curl")}, "stage", "-o", output, "-b", built.root, "-b", buildpack("plain"), "--lifecycle", built.lifecycle)
			s.await()
			Expect(s.ExitCode()).To(Equal(225))
			Expect(s.log()).To(ContainSubstring("The sidecar buildpack runs from source and needs Go, which is not on PATH."))
			Expect(s.log()).To(ContainSubstring("Go cannot be installed without curl."))
		})

		it("does not use a Go that is not the one that was meant", func() {
			s := startSidecar(t, directory, []string{"PATH=" + pathWithout(t, "go")}, "stage", "-o", filepath.Join(t.TempDir(), "droplet"),
				"-b", withToolchain("/no-toolchain.zip", "not a zip"), "-b", buildpack("plain"), "--lifecycle", built.lifecycle)
			s.await()
			Expect(s.ExitCode()).To(Equal(225))
			Expect(s.log()).To(ContainSubstring("Go is not installed: found a file with the SHA-256 a3989126344744ef800dbc88bf7e744853f3f2eac75c9ab3301f4e845ef22078"))
			s.expectNothingLeft()
		})
	})
}
