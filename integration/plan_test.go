package integration_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"
)

func testPlan(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("plans an app, its droplet and its running push alike", func() {
		directory := app(t, map[string]string{
			"Procfile": "web: " + forever, "sidecars.yml": "- {name: beside, command: 'exec sleep 1000', memory: 64M}",
			"manifest.yml": "applications: [{name: planned, memory: 256M, health-check-type: process, buildpacks: [sidecar_buildpack]}]",
		})
		staged := stage(t, directory)
		push := sidecar(t, directory, "push")
		push.expectLine("APP/PROC/WEB/0", "app MEMORY_LIMIT=192m")
		plan := func(args ...string) string {
			command := exec.Command(built.sidecar, append([]string{"plan", "--output", "json"}, args...)...)
			command.Dir = directory
			command.Env = append(os.Environ(), "TMPDIR="+push.tmp)
			output, err := command.Output()
			Expect(err).NotTo(HaveOccurred(), string(output))
			return string(output)
		}

		expected := plan()
		var answer struct {
			Apps []struct {
				Processes []struct {
					Limit int `json:"memory_limit_in_mb"`
				}
			}
		}
		Expect(json.Unmarshal([]byte(expected), &answer)).To(Succeed())
		Expect(answer.Apps[0].Processes[0].Limit).To(Equal(192))
		Expect(plan("-d", staged.droplet)).To(MatchJSON(expected))
		Expect(plan("--running")).To(MatchJSON(expected))
		Expect(plan("--running", "planned")).To(MatchJSON(expected))
		push.stop()
	})

	it("forgets a push that was killed", func() {
		directory := app(t, map[string]string{"Procfile": "web: " + forever,
			"manifest.yml": "applications: [{name: killed, health-check-type: process, buildpacks: [sidecar_buildpack]}]"})
		push := sidecar(t, directory, "push")
		push.expectLine("APP/PROC/WEB/0", "app MEMORY_LIMIT=1024m")
		NewWithT(t).Eventually(push.Kill()).Should(gexec.Exit())
		NewWithT(t).Eventually(func() []string { return processesIn(push.tmp) }).Should(BeEmpty())

		s := startSidecar(t, directory, []string{"TMPDIR=" + push.tmp}, "plan", "--running")
		s.await()
		Expect(s.ExitCode()).To(Equal(1))
		Expect(string(s.Err.Contents())).To(Equal("FAILED\nthere is no app running; start one with sidecar push\n"))
	})
}
