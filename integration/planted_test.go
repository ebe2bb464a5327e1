package integration_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testPlanted puts what would keep a reader waiting, or take all memory, in place of
// the files by which the supervisors of a running app and sidecar ps hear of each other.
func testPlanted(t *testing.T, _ spec.G, it spec.S) {
	planted := []struct {
		what  string
		plant func(path string) error
	}{
		{"a named pipe", func(path string) error { return syscall.Mkfifo(path, 0o644) }},
		{"a directory", func(path string) error { return os.Mkdir(path, 0o755) }},
		{"a link to /dev/zero", func(path string) error { return os.Symlink("/dev/zero", path) }},
		{"a huge file", func(path string) error {
			if err := os.WriteFile(path, nil, 0o644); err != nil {
				return err
			}
			return os.Truncate(path, 1<<40)
		}},
	}
	for _, one := range planted {
		it("outlives "+one.what+" in place of each file in run", func() {
			Expect, Eventually := NewWithT(t).Expect, NewWithT(t).Eventually
			directory := app(t, map[string]string{
				"Procfile": "web: echo app is up; exec sleep 1000\n",
				"sidecars.yml": "- {name: first, command: 'trap \"\" USR1; echo up; exec sleep 1000', restart: always, hold-app: true, stop-after-app: true, stop-timeout: 1}\n" +
					"- {name: second, command: exec sleep 1000, depends-on: [first], restart: always}\n",
				"manifest.yml": "applications: [{name: planted, health-check-type: process, buildpacks: [sidecar_buildpack]}]",
			})
			s := sidecar(t, directory, "push")
			ps := func() string {
				command := exec.Command(built.sidecar, "ps", "planted")
				command.Env = append(os.Environ(), "TMPDIR="+s.tmp)
				printed, err := command.CombinedOutput()
				Expect(err).NotTo(HaveOccurred(), string(printed))
				return string(printed)
			}
			s.expectLine("APP/PROC/WEB/0", "app is up")
			Eventually(ps).Should(And(ContainSubstring("first"), ContainSubstring("second"), Not(ContainSubstring("starting"))))

			files, err := filepath.Glob(filepath.Join(s.tmp, "sidecar-instance-*", "root", "deps", "0", "run", "*"))
			Expect(err).NotTo(HaveOccurred())
			Expect(len(files)).To(BeNumerically(">=", 4), "%q: two states, the app's process, and a pipe", files)
			for _, file := range files {
				Expect(os.Remove(file)).To(Succeed())
				Expect(one.plant(file)).To(Succeed())
			}
			Expect(ps()).To(And(ContainSubstring("first"), ContainSubstring("second")), "it tells of all, and does not wait")

			Expect(s.ExitCode()).To(Equal(-1), "it runs")
			s.stop()
		})
	}
}
