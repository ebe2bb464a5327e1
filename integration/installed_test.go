package integration_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

func testInstalled(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("works from the two installed files alone: without Go, without the repository, without a home", func() {
		bin, home := t.TempDir(), t.TempDir()
		goInstall(t, bin, "./cmd/sidecar", "./cmd/config-server")
		directory := app(t, map[string]string{
			"Procfile": "web: " + forever, "sidecars.yml": "- name: config-server",
			"manifest.yml": "applications: [{name: app, health-check-type: process, env: {CONFIG_SERVER_PORT: " + testport.Free(t) + "}}]",
		})
		command := exec.Command(filepath.Join(bin, "sidecar"), "push", "-b", "sidecar_buildpack")
		s := start(t, directory, []string{"HOME=" + home, "PATH=" + pathWithout(t, "go")}, command)
		s.expectLine("APP/PROC/WEB/SIDECAR/CONFIG-SERVER/0", "Listening on 127.0.0.1:")
		s.expectLine("APP/PROC/WEB/0", "app MEMORY_LIMIT=992m")
		s.stop()
		Expect(os.ReadDir(home)).To(BeEmpty())
		Expect(os.Remove(filepath.Join(directory, ".sidecar", "app", "cache.tgz"))).To(Succeed())
		Expect(os.Remove(filepath.Join(directory, ".sidecar", "app"))).To(Succeed(), "the cache is all that is kept")
		Expect(os.Remove(filepath.Join(directory, ".sidecar"))).To(Succeed())
		Expect(os.ReadDir(directory)).To(HaveLen(3), "all else is as it was")
	})

	it("puts config-server's own file into the droplet, once the app has that sidecar", func() {
		bin := t.TempDir()
		goInstall(t, bin, "./cmd/sidecar")
		stage := func(sidecars string) *session {
			directory := app(t, map[string]string{"Procfile": "web: ./run", "sidecars.yml": sidecars})
			s := start(t, directory, nil, exec.Command(filepath.Join(bin, "sidecar"), "stage", "-b", "sidecar_buildpack"))
			s.await()
			return s
		}
		without := stage("- {name: own, command: exec sleep 1000, memory: 8M}\n")
		Expect(without.ExitCode()).To(Equal(0), without.log)

		missing := stage("- name: config-server\n")
		Expect(missing.ExitCode()).NotTo(Equal(0))
		Expect(missing.log()).To(ContainSubstring(`failed to install sidecar "config-server": found no program config-server next to `))
		Expect(missing.log()).To(ContainSubstring("which needs it for this app; build both from one checkout: go install ./cmd/sidecar ./cmd/config-server, or ./scripts/build.sh"))

		goInstall(t, bin, "./cmd/config-server")
		with := stage("- name: config-server\n")
		Expect(with.ExitCode()).To(Equal(0), with.log)
		program, err := os.Stat(filepath.Join(bin, "config-server"))
		Expect(err).NotTo(HaveOccurred())
		archive, err := filepath.Glob(filepath.Join(with.Command.Dir, ".sidecar", "*", "droplet.tgz"))
		Expect(err).NotTo(HaveOccurred())
		Expect(archive).To(HaveLen(1))
		output, err := exec.Command("tar", "tvzf", archive[0], "./deps/0/bin/config-server").Output()
		Expect(err).NotTo(HaveOccurred())
		Expect(strings.Fields(string(output))).To(ContainElement(strconv.FormatInt(program.Size(), 10)))
	})

	it("runs the demo", func() {
		s := start(t, built.root, []string{"CONFIG_SERVER_PORT=" + testport.Free(t)}, exec.Command(filepath.Join(built.root, "scripts", "demo.sh"), "--once"))
		s.await()
		Expect(s.ExitCode()).To(Equal(0), s.log)
		Expect(s.log()).To(ContainSubstring("/config\n" + `{"Scope":"some-service.admin","Password":"not-a-real-p4$$w0rd"}` + "\n"))
		_, lines, _ := strings.Cut(s.log(), "-----> What the app and its sidecar logged\n")
		Expect(lines).To(ContainSubstring("[APP/PROC/WEB/0] OUT Sending a request to the config-server sidecar at localhost:"))
		Expect(lines).To(ContainSubstring("[APP/PROC/WEB/SIDECAR/CONFIG-SERVER/0] OUT Received a request for config."))
		s.expectNothingLeft()
	})
}

// goInstall installs programs of this repository into a directory.
func goInstall(t *testing.T, bin string, packages ...string) {
	t.Helper()
	install := exec.Command("go", append([]string{"install", "-buildvcs=false"}, packages...)...)
	install.Dir = built.root
	install.Env = append(os.Environ(), "GOBIN="+bin)
	output, err := install.CombinedOutput()
	NewWithT(t).Expect(err).NotTo(HaveOccurred(), string(output))
}

// pathWithout is a directory with every program of this machine but Go.
func pathWithout(t *testing.T, missing ...string) string {
	t.Helper()
	programs := t.TempDir()
	for _, directory := range filepath.SplitList(os.Getenv("PATH")) {
		entries, _ := os.ReadDir(directory) // PATH may name what is not there
		for _, entry := range entries {
			link := filepath.Join(programs, entry.Name())
			if _, err := os.Lstat(link); err == nil || slices.Contains(missing, entry.Name()) {
				continue
			}
			NewWithT(t).Expect(os.Symlink(filepath.Join(directory, entry.Name()), link)).To(Succeed())
		}
	}
	return programs
}
