package launch_test

import (
	"errors"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

func testPlan(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		staged []launch.Process
		app    launch.App
	)

	it.Before(func() {
		staged = []launch.Process{
			{Type: "web", Command: "serve"},
			{Type: "config-server", Command: "config", Memory: 32, SidecarFor: []string{"web"}},
			{Type: "idle", Command: "wait", SidecarFor: []string{"web", "worker"}},
		}
		app = launch.App{
			Processes: []launch.AppProcess{{Type: "web", Memory: 256, Instances: 2}, {Type: "worker", Command: "work", Memory: 128, Instances: 1}},
			Sidecars:  []sidecar.Definition{{Name: "monitor", Command: "watch", ProcessTypes: []string{"web"}, Memory: 64}},
		}
	})

	it("PR-22, PR-23, PR-26, PR-34 gives each process its sidecars and all of them their memory", func() {
		Expect(launch.NewPlan(staged, app, 1024)).To(Equal(launch.Plan{Processes: []launch.PlannedProcess{
			{
				Type: "web", Command: "serve", Instances: 2, Memory: 256, MemoryLimit: 160,
				Sidecars: []launch.PlannedSidecar{
					{Name: "monitor", Command: "watch", Origin: launch.OriginUser, Memory: 64, MemoryLimit: 64},
					{Name: "config-server", Command: "config", Origin: launch.OriginBuildpack, Memory: 32, MemoryLimit: 32},
					{Name: "idle", Command: "wait", Origin: launch.OriginBuildpack, MemoryLimit: 256},
				},
			},
			{
				Type: "worker", Command: "work", Instances: 1, Memory: 128, MemoryLimit: 128,
				Sidecars: []launch.PlannedSidecar{{Name: "idle", Command: "wait", Origin: launch.OriginBuildpack, MemoryLimit: 128}},
			},
		}}))
	})

	it("starts one instance of web and none of the other processes that only the droplet has", func() {
		plan, err := launch.NewPlan([]launch.Process{{Type: "clock", Command: "tick"}, {Type: "web", Command: "serve"}}, launch.App{}, 1024)
		Expect(err).NotTo(HaveOccurred())
		Expect(plan.Processes).To(Equal([]launch.PlannedProcess{
			{Type: "clock", Command: "tick", Memory: 1024, MemoryLimit: 1024},
			{Type: "web", Command: "serve", Memory: 1024, MemoryLimit: 1024, Instances: 1},
		}))
		Expect(plan.Running()).To(Equal(plan.Processes[1:]))
	})

	it("prefers the app's command to the droplet's", func() {
		app.Processes[0].Command = "mine"
		plan, err := launch.NewPlan(staged, app, 1024)
		Expect(err).NotTo(HaveOccurred())
		Expect(plan.Processes[0].Command).To(Equal("mine"))
	})

	it("PR-06 takes a staged entry without sidecar_for for a process", func() {
		plan, err := launch.NewPlan([]launch.Process{{Type: "web", Command: "serve", Memory: 5}}, launch.App{}, 512)
		Expect(err).NotTo(HaveOccurred())
		Expect(plan.Processes).To(HaveLen(1))
		Expect(plan.Processes[0].Memory).To(BeEquivalentTo(512))
		Expect(plan.Processes[0].Sidecars).To(BeEmpty())
	})

	it("PR-33 accepts sidecars that leave the app one MB", func() {
		app.Processes[0].Memory = 97
		plan, err := launch.NewPlan(staged, app, 1024)
		Expect(err).NotTo(HaveOccurred())
		Expect(plan.Processes[0].MemoryLimit).To(BeEquivalentTo(1))
	})

	it("PR-31 reads a manifest's sidecars into the app", func() {
		var list yaml.Node
		Expect(yaml.Unmarshal([]byte("- {name: a, command: b, process_types: [web], memory: 1M, other: 1}"), &list)).To(Succeed())
		var read launch.App
		Expect(read.ParseSidecars("manifest.yml", list.Content[0])).To(Succeed())
		Expect(read.Sidecars).To(Equal([]sidecar.Definition{{
			Name: "a", Command: "b", ProcessTypes: []string{"web"}, Memory: 1, At: sidecar.Position{Source: "manifest.yml", Line: 1},
		}}))
	})

	context("failure cases", func() {
		const tooLarge = `The sidecar memory allocation defined is too large to run with the dependent "web" process`

		it("PR-33 refuses sidecars that reserve as much as the process has", func() {
			app.Processes[0].Memory = 96
			_, err := launch.NewPlan(staged, app, 1024)
			Expect(err).To(MatchError(tooLarge))
			var refusal launch.Refusal
			Expect(errors.As(err, &refusal)).To(BeTrue())
		})

		it("PR-33 refuses them where no instance runs, too", func() {
			app.Processes[0].Memory, app.Processes[0].Instances = 96, 0
			_, err := launch.NewPlan(staged, app, 1024)
			Expect(err).To(MatchError(tooLarge))
		})

		it("PR-35 refuses a droplet's sidecar with the name of the user's", func() {
			app.Sidecars[0].Name = "config-server"
			_, err := launch.NewPlan(staged, app, 1024)
			Expect(err).To(MatchError("Buildpack defined sidecar 'config-server' conflicts with an existing user-defined sidecar. Consider renaming 'config-server'."))
		})

		it("PR-08, PR-32 refuses a droplet's sidecar that is there twice", func() {
			_, err := launch.NewPlan(append(staged, staged[1]), app, 1024)
			Expect(err).To(MatchError("Sidecar with name 'config-server' already exists for given app"))
		})

		it("names everything that is refused", func() {
			app.Sidecars[0].Name = "idle"
			app.Processes[0].Memory = 1
			_, err := launch.NewPlan(staged, app, 1024)
			Expect(err).To(MatchError("Buildpack defined sidecar 'idle' conflicts with an existing user-defined sidecar. Consider renaming 'idle'.\n" + tooLarge))
		})

		it("PR-10 says what to do about a process without a start command", func() {
			_, err := launch.NewPlan(nil, launch.App{Processes: []launch.AppProcess{{Type: "web", Memory: 64, Instances: 1}}}, 1024)
			Expect(err).To(MatchError(`process "web" has no start command: add a line "web: COMMAND" to the app's Procfile, or state a command in the manifest or with -c`))
		})

		it("PR-27 reports what is wrong with a manifest's sidecars", func() {
			var list yaml.Node
			Expect(yaml.Unmarshal([]byte("- {name: a}"), &list)).To(Succeed())
			Expect(new(launch.App).ParseSidecars("manifest.yml", list.Content[0])).To(MatchError(ContainSubstring("manifest.yml:1: sidecar \"a\": found no command")))
		})
	})
}
