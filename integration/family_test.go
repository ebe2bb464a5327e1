package integration_test

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
)

// packaged is the zip that scripts/package.sh makes without dependencies.
var packaged = sync.OnceValues(func() (string, error) {
	directory := filepath.Join(filepath.Dir(built.sidecar), "packaged")
	command := exec.Command(filepath.Join(built.root, "scripts", "package.sh"), "--version", "9.8.7", "--output", directory)
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("failed to package: %w", err)
	}
	return strings.TrimSpace(string(output)), nil
})

// realFork is the packaged buildpack with another identity and a sidecar of its own.
func realFork(t *testing.T) string {
	t.Helper()
	Expect := NewWithT(t).Expect
	name, err := packaged()
	Expect(err).NotTo(HaveOccurred())
	archive, err := zip.OpenReader(name)
	Expect(err).NotTo(HaveOccurred())
	defer archive.Close()
	directory := filepath.Join(t.TempDir(), "fork")
	Expect(os.CopyFS(directory, archive)).To(Succeed())
	Expect(os.WriteFile(filepath.Join(directory, family.DescriptionFile), []byte(`
[buildpack]
id = "forked"
name = "The Forked Buildpack"

[metadata]
sidecars = [
  {name = "config-server", executable = "config-server", memory = "32M"},
  {name = "only-forked", command = "exec sleep 1000", memory = "8M"},
]
`), 0o600)).To(Succeed())
	return directory
}

// testFamily has two buildpacks in one push that were made from one.
func testFamily(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		directory string
		own, fork string
	)

	it.Before(func() {
		var err error
		own, err = packaged()
		Expect(err).NotTo(HaveOccurred())
		fork = realFork(t)
		directory = app(t, map[string]string{
			"Procfile":     "web: " + forever,
			"sidecars.yml": "- name: config-server\n- {name: own, command: exec sleep 1000, memory: 8M}\n- name: only-forked\n",
			"manifest.yml": "applications:\n- name: app\n  health-check-type: process\n  env: {SIDECAR_ONLY_FORKED_MEMORY: 16M}\n",
		})
	})
	// commands are those of a staging's sidecars.
	commands := func(staged result) map[string]string {
		all := map[string]string{}
		for _, s := range staged.Sidecars {
			Expect(all).NotTo(HaveKey(s.Name))
			all[s.Name] = s.Command
		}
		return all
	}
	// planned are those of a plan without staging.
	planned := func(args ...string) map[string]string {
		t.Helper()
		s := sidecar(t, directory, append([]string{"plan", "--output", "json"}, args...)...)
		s.await()
		var plan struct {
			Apps []struct {
				Processes []struct {
					Sidecars []struct{ Name, Command string }
				}
			}
		}
		Expect(json.Unmarshal(s.Out.Contents(), &plan)).To(Succeed(), s.log)
		all := map[string]string{}
		for _, one := range plan.Apps[0].Processes[0].Sidecars {
			all[one.Name] = one.Command
		}
		return all
	}

	it("gives each sidecar to the first that can make it, in either order, and plan and validate judge so, too", func() {
		for _, order := range []struct {
			buildpacks []string
			server     string
			said       []string
		}{
			{[]string{"-b", own, "-b", fork}, `"$DEPS_DIR/0/bin/config-server"`, []string{
				`Sidecar "only-forked" is left to The Forked Buildpack, which comes later and knows it.`,
				`Sidecar "config-server" is left to ` + built.id + `, the buildpack in position 0 of this push, which comes first and has made it.`,
				`Sidecar "own" is left to ` + built.id + ", the buildpack in position 0 of this push",
			}},
			{[]string{"-b", fork, "-b", own}, `"$DEPS_DIR/0/bin/config-server"`, []string{
				`Sidecar "config-server" is left to forked, the buildpack in position 0 of this push, which comes first and has made it.`,
				`Sidecar "own" is left to forked`, `Sidecar "only-forked" is left to forked`,
			}},
			{[]string{"-b", own, "-b", own, "-b", fork}, `"$DEPS_DIR/0/bin/config-server"`, []string{`Sidecar "own" is left to ` + built.id}},
		} {
			staged := stage(t, directory, order.buildpacks...)
			expected := map[string]string{"config-server": order.server, "own": "exec sleep 1000", "only-forked": "exec sleep 1000"}
			Expect(commands(staged)).To(Equal(expected))
			for _, said := range order.said {
				Expect(staged.log).To(ContainSubstring(said))
			}
			Expect(staged.log).NotTo(ContainSubstring("sets nothing"))
			Expect(planned(order.buildpacks...)).To(Equal(expected))
			validated := sidecar(t, directory, append([]string{"validate"}, order.buildpacks...)...)
			validated.await()
			Expect(validated.log()).To(And(HaveSuffix("OK\n"), ContainSubstring(`note: app: `), ContainSubstring(`Sidecar "own" is left to `), Not(ContainSubstring("sets nothing"))))
		}
	})

	it("calls each what its buildpack.toml does, in the log and in the app's list of buildpacks (CF-04)", func() {
		staged := stage(t, directory, "-b", own, "-b", fork)
		Expect(staged.Lifecycle.Buildpacks).To(HaveExactElements(HaveField("Name", built.id), HaveField("Name", "forked")))
		Expect(staged.log).To(And(ContainSubstring("-----> "+built.title+" version 9.8.7"), ContainSubstring("-----> The Forked Buildpack version 9.8.7")))
	})

	it("works among ten buildpacks, where the directories are padded (CF-02)", func() {
		args := []string{"-b", own}
		for range 8 {
			args = append(args, "-b", buildpack("filler"))
		}
		staged := stage(t, directory, append(args, "-b", fork)...)
		Expect(commands(staged)).To(Equal(map[string]string{"config-server": `"$DEPS_DIR/00/bin/config-server"`, "own": "exec sleep 1000", "only-forked": "exec sleep 1000"}))
	})

	context("failure cases", func() {
		it("refuses a name that no buildpack knows, in staging, plan and validate", func() {
			Expect(os.WriteFile(filepath.Join(directory, "sidecars.yml"), []byte("- name: unknown\n"), 0o600)).To(Succeed())
			for _, buildpacks := range [][]string{{"-b", own, "-b", fork}, {"-b", fork, "-b", own}} {
				log, _ := failToStage(t, 225, directory, buildpacks...)
				Expect(log).To(ContainSubstring(`sidecars.yml:1: sidecar "unknown": found no command`))
				for _, command := range []string{"plan", "validate"} {
					s := sidecar(t, directory, append([]string{command}, buildpacks...)...)
					NewWithT(t).Eventually(s.Session).Should(gexec.Exit(1), s.log)
					Expect(s.log() + string(s.Err.Contents())).To(ContainSubstring(`sidecars.yml:1: sidecar "unknown": found no command`))
				}
			}
		})
	})
}
