package integration_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

func testInstalled(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("works from the installed binary alone: without Go, without the repository, without a home", func() {
		bin, home := t.TempDir(), t.TempDir()
		install := exec.Command("go", "install", "-buildvcs=false", "./cmd/sidecar")
		install.Dir = built.root
		install.Env = append(os.Environ(), "GOBIN="+bin)
		output, err := install.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))

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
