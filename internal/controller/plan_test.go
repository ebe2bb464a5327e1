package controller_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

func testPlan(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		staged []launch.Process
		app    controller.App
	)

	it.Before(func() {
		staged = []launch.Process{
			{Type: "web", Command: "serve"},
			{Type: "config-server", Command: "config", Memory: 32, SidecarFor: []string{"web"}},
			{Type: "idle", Command: "wait", SidecarFor: []string{"web", "worker"}},
		}
		app = controller.App{
			Processes: []controller.AppProcess{{Type: "web", Memory: 256, Instances: number(2)}, {Type: "worker", Command: words("work"), Memory: 128, Instances: number(1)}},
			Sidecars:  []controller.AppSidecar{{Name: "monitor", Command: "watch", ProcessTypes: controller.TypeNames("web"), Memory: 64}},
		}
	})

	it("CF-22, CF-23, CF-26, CF-34 gives each process its sidecars and all of them their memory", func() {
		plan, err := controller.NewPlan(staged, app)
		Expect(err).NotTo(HaveOccurred())
		Expect(plan).To(Equal(controller.Plan{Refusals: controller.Refusals{}, Warnings: []string{}, Processes: []controller.PlannedProcess{
			{
				Type: "web", Command: "serve", Instances: 2, Memory: 256, MemoryLimit: 160,
				Sidecars: []controller.PlannedSidecar{
					{Name: "monitor", Command: "watch", Origin: controller.OriginUser, Memory: 64, MemoryLimit: 64},
					{Name: "config-server", Command: "config", Origin: controller.OriginBuildpack, Memory: 32, MemoryLimit: 32},
					{Name: "idle", Command: "wait", Origin: controller.OriginBuildpack, MemoryLimit: 256},
				},
			},
			{
				Type: "worker", Command: "work", Instances: 1, Memory: 128, MemoryLimit: 128,
				Sidecars: []controller.PlannedSidecar{{Name: "idle", Command: "wait", Origin: controller.OriginBuildpack, MemoryLimit: 128}},
			},
		}}))
	})

	it("starts one instance of web and none of the other processes that only the droplet has", func() {
		plan, err := controller.NewPlan([]launch.Process{{Type: "clock", Command: "tick"}, {Type: "web", Command: "serve"}}, controller.App{})
		Expect(err).NotTo(HaveOccurred())
		Expect(plan.Processes).To(Equal([]controller.PlannedProcess{
			{Type: "web", Command: "serve", Memory: 1024, MemoryLimit: 1024, Instances: 1, Sidecars: []controller.PlannedSidecar{}},
			{Type: "clock", Command: "tick", Memory: 1024, MemoryLimit: 1024, Sidecars: []controller.PlannedSidecar{}},
		}))
		Expect(plan.Running()).To(Equal(plan.Processes[:1]))
	})

	it("prefers the app's command to the droplet's", func() {
		app.Processes[0].Command = words("mine")
		plan, err := controller.NewPlan(staged, app)
		Expect(err).NotTo(HaveOccurred())
		Expect(plan.Processes[0].Command).To(Equal("mine"))
	})

	it("CF-06 takes a staged entry without sidecar_for for a process", func() {
		plan, err := controller.NewPlan([]launch.Process{{Type: "web", Command: "serve", Memory: 5}}, controller.App{Processes: []controller.AppProcess{{Type: "web", Memory: 512}}})
		Expect(err).NotTo(HaveOccurred())
		Expect(plan.Processes).To(HaveLen(1))
		Expect(plan.Processes[0].Memory).To(BeEquivalentTo(512))
		Expect(plan.Processes[0].Sidecars).To(BeEmpty())
	})

	it("CF-33 accepts sidecars that leave the app one MB", func() {
		app.Processes[0].Memory = 97
		plan, err := controller.NewPlan(staged, app)
		Expect(err).NotTo(HaveOccurred())
		Expect(plan.Processes[0].MemoryLimit).To(BeEquivalentTo(1))
	})

	it("CF-28 takes a process type that the app does not have, and warns of it", func() {
		app.Sidecars[0].ProcessTypes = controller.TypeNames("clock")
		plan, err := controller.NewPlan(staged, app)
		Expect(err).NotTo(HaveOccurred())
		Expect(plan.Warnings).To(Equal([]string{`Sidecar "monitor" runs nowhere: the app has no process of type clock; it has web, worker.`}))
	})

	it("CF-28 asks whether another process type was meant, also where the sidecar has one that is right", func() {
		for types, warning := range map[string]string{
			"wbe":        `Sidecar "monitor" runs nowhere: the app has no process of type wbe; did you mean web? It has web, worker.`,
			"web,wroker": `Sidecar "monitor" does not run with every process type that it names: the app has none of type wroker; did you mean worker? It has web, worker.`,
			"web,clock":  "",
		} {
			app.Sidecars[0].ProcessTypes = controller.TypeNames(strings.Split(types, ",")...)
			plan, err := controller.NewPlan(staged, app)
			Expect(err).NotTo(HaveOccurred())
			if warning == "" {
				Expect(plan.Warnings).To(BeEmpty())
			} else {
				Expect(plan.Warnings).To(Equal([]string{warning}))
			}
		}
	})

	it("CF-37 lets a droplet's negative memory pass, as the platform does, and warns of it", func() {
		staged[1].Memory = -5
		plan, err := controller.NewPlan(staged, app)
		Expect(err).NotTo(HaveOccurred())
		Expect(plan.Processes[0].MemoryLimit).To(BeEquivalentTo(256 - 64 + 5))
		Expect(plan.Warnings).To(ConsistOf(ContainSubstring(`Sidecar "config-server" reserves -5 MB`)))
	})

	it("CF-40 knows the manifest's sidecars alone where the staging result has none", func() {
		plan, err := controller.NewPlan(staged[:1], app)
		Expect(err).NotTo(HaveOccurred())
		Expect(plan.Processes[0].Sidecars).To(HaveExactElements(HaveField("Name", "monitor")))
	})

	it("has a JSON form that is read back as the same plan", func() {
		app.Processes[0].Memory = 96
		staged[2].SidecarFor = []string{"nothing"}
		plan, err := controller.NewPlan(staged, app)
		Expect(err).To(HaveOccurred())
		text, err := json.Marshal(plan)
		Expect(err).NotTo(HaveOccurred())
		Expect(text).To(MatchJSON(`{
			"processes": [
				{"type": "web", "command": "serve", "instances": 2, "memory_in_mb": 96, "memory_limit_in_mb": 0, "sidecars": [
					{"name": "monitor", "command": "watch", "origin": "user", "memory_in_mb": 64, "memory_limit_in_mb": 64},
					{"name": "config-server", "command": "config", "origin": "buildpack", "memory_in_mb": 32, "memory_limit_in_mb": 32}
				]},
				{"type": "worker", "command": "work", "instances": 1, "memory_in_mb": 128, "memory_limit_in_mb": 128, "sidecars": []}
			],
			"refusals": [{"message": "The memory allocation defined is too large to run with the dependent \"web\" process", "step": "droplet", "process": "web", "hidden": true, "reason": "memory",
				"detail": "The sidecars of the process web reserve 96M (monitor 64M of the app manifest; config-server 32M), and it has no more than 96M, of which the app itself needs a part. Let them reserve less: memory of its sidecars in the app manifest. Or give the process more: memory in the app manifest, or cf push -m SIZE."}],
			"warnings": ["Sidecar \"idle\" runs nowhere: the app has no process of type nothing; it has web, worker."]
		}`))
		var again controller.Plan
		Expect(json.Unmarshal(text, &again)).To(Succeed())
		Expect(again).To(Equal(plan))
	})

	context("failure cases", func() {
		const (
			tooLarge       = `The memory allocation defined is too large to run with the dependent "web" process`
			tooLargeForNew = `The sidecar memory allocation defined is too large to run with the dependent "clock" process`
		)
		tooLittle := func(process int) string {
			return fmt.Sprintf(", and it has no more than %dM, of which the app itself needs a part. Let them reserve less: memory of its sidecars in the app manifest. "+
				"Or give the process more: memory in the app manifest, or cf push -m SIZE.", process)
		}
		refused := func() []controller.Refusal {
			t.Helper()
			plan, err := controller.NewPlan(staged, app)
			var refusals controller.Refusals
			Expect(errors.As(err, &refusals)).To(BeTrue())
			Expect(plan.Refusals).To(Equal(refusals))
			Expect(plan.Processes).NotTo(BeEmpty(), "the plan is whole")
			return refusals
		}

		it("CF-33, CF-36 refuses sidecars that reserve as much as the process has", func() {
			app.Processes[0].Memory = 96
			Expect(refused()).To(Equal([]controller.Refusal{{Message: tooLarge, Step: controller.StepDroplet, Process: "web", Hidden: true, Reason: controller.ReasonMemory,
				Detail: "The sidecars of the process web reserve 96M (monitor 64M of the app manifest; config-server 32M)" + tooLittle(96)}}))
		})

		it("CF-33 refuses them where no instance runs, too", func() {
			app.Processes[0].Memory, app.Processes[0].Instances = 96, number(0)
			Expect(refused()).To(HaveExactElements(HaveField("Message", tooLarge)))
		})

		it("CF-33 refuses the manifest's own when the manifest is applied", func() {
			app.Processes[0].Memory = 64
			Expect(refused()).To(Equal([]controller.Refusal{{Message: tooLarge, Step: controller.StepManifest, Process: "web", Reason: controller.ReasonMemory,
				Detail: "The sidecars of the process web reserve 96M (monitor 64M of the app manifest; config-server 32M)" + tooLittle(64)}}))
			Expect(app.Check()).To(MatchError(tooLarge + ". The sidecars of the process web reserve 64M (monitor 64M of the app manifest)" + tooLittle(64)))
		})

		it("CF-33 refuses a process of the droplet that is created with the default memory", func() {
			staged[1].SidecarFor, staged[1].Memory = []string{"clock"}, 1024
			staged = append(staged, launch.Process{Type: "clock", Command: "tick"})
			Expect(refused()).To(Equal([]controller.Refusal{{Message: tooLargeForNew, Step: controller.StepDroplet, Process: "clock", Reason: controller.ReasonNewProcess,
				Detail: "The sidecars of the process clock reserve 1G (config-server 1G), and it has no more than 1G, of which the app itself needs a part. Give the process more: memory in the app manifest."}}))
		})

		it("CF-33 says who reserves how much, all sidecars that the push has, by which buildpack, and how each is made to reserve less", func() {
			app.Processes[0].Memory = 512
			staged = append(staged, launch.Process{Type: "agent", Command: "x", Memory: 500, SidecarFor: []string{"web"}}, launch.Process{Type: "late", Command: "x", Memory: 7, SidecarFor: []string{"web"}})
			staged = launch.NameDeclarers(staged, []launch.Layer{
				{Position: 0, Name: "sidecar", Family: true, Processes: []launch.Process{{Type: "config-server", SidecarFor: []string{"web"}}, {Type: "late", SidecarFor: []string{"web"}}}},
				{Position: 1, Processes: []launch.Process{{Type: "agent", SidecarFor: []string{"web"}}, {Type: "late", SidecarFor: []string{"web"}}}},
			})
			refusals := refused()
			Expect(refusals).To(HaveLen(1))
			Expect(refusals[0].Detail).To(Equal("The sidecars of the process web reserve 603M (monitor 64M of the app manifest; " +
				"config-server 32M of sidecar, the buildpack in position 0 of this push; agent 500M, " +
				"late 7M of the buildpack in position 1 of this push), and it has no more than 512M, of which the app itself needs a part. " +
				"Let them reserve less: memory in sidecars.yml, or cf set-env APP_NAME SIDECAR_CONFIG_SERVER_MEMORY SIZE, or memory of its sidecars in the app manifest. Or " +
				"give the process more: memory in the app manifest, or cf push -m SIZE."))
		})

		it("CF-38 says that it is the order in which the platform changes things where all fits in the end", func() {
			record := controller.NewState()
			_, err := record.Push(staged[:1], app)
			Expect(err).NotTo(HaveOccurred())
			smaller := app
			smaller.Processes = []controller.AppProcess{{Type: "web", Memory: 48}}
			smaller.Sidecars = []controller.AppSidecar{{Name: "monitor", Command: "watch", ProcessTypes: controller.TypeNames("web"), Memory: 8}}
			_, err = record.Push(staged[:1], smaller)
			Expect(err).To(MatchError("The requested memory allocation is not large enough to run all of your sidecar processes. " +
				"The sidecars of the process web still reserve 64M (monitor 64M of the app manifest) when it is scaled to 48M: push once with the smaller sidecars, and then with the smaller process."))
		})

		it("CF-35 refuses a droplet's sidecar with the name of the user's", func() {
			app.Sidecars[0].Name = "config-server"
			Expect(refused()).To(Equal([]controller.Refusal{{
				Message: "Buildpack defined sidecar 'config-server' conflicts with an existing user-defined sidecar. Consider renaming 'config-server'.",
				Step:    controller.StepDroplet, Sidecar: "config-server", Reason: controller.ReasonConflict,
			}}))
		})

		it("CF-08, CF-32, CF-36 refuses a droplet's sidecar that is there twice", func() {
			staged = append(staged, staged[1])
			Expect(refused()).To(Equal([]controller.Refusal{{
				Message: "Sidecar with name 'config-server' already exists for given app", Step: controller.StepDroplet, Sidecar: "config-server", Hidden: true,
			}}))
		})

		it("names everything that is refused", func() {
			app.Sidecars[0].Name = "idle"
			app.Processes[0].Memory = 1
			_, err := controller.NewPlan(staged, app)
			Expect(err).To(MatchError(tooLarge + ". The sidecars of the process web reserve 96M (idle 64M of the app manifest; config-server 32M)" + tooLittle(1) + "\nBuildpack defined sidecar 'idle' conflicts with an existing user-defined sidecar. Consider renaming 'idle'."))
		})

		it("CF-10 refuses at staging a droplet without any process, unless web has a command", func() {
			nothing := staged[1:2]
			for _, processes := range [][]controller.AppProcess{nil, {{Type: "web", Command: words("")}}, {{Type: "worker", Command: words("work")}}} {
				plan, err := controller.NewPlan(nothing, controller.App{Processes: processes})
				Expect(err).To(MatchError(nothingToStart))
				Expect(plan.Refusals).To(Equal(controller.Refusals{{
					Message: "Staging error: Start command not specified", Step: controller.StepStaging,
					Detail: `Add a line "web: COMMAND" to the app's Procfile, or state a command in the manifest or with -c.`,
				}}))
			}
			for _, fine := range []struct {
				staged    []launch.Process
				processes []controller.AppProcess
			}{{nothing, []controller.AppProcess{{Type: "web", Command: words("serve")}}}, {[]launch.Process{{Type: "worker"}}, nil}} {
				_, err := controller.NewPlan(fine.staged, controller.App{Processes: fine.processes})
				Expect(err).NotTo(HaveOccurred())
			}
		})

		it("CF-10 says nothing of what a droplet lacks that is known in part", func() {
			record := controller.NewState()
			record.PartlyStaged = true
			_, err := record.Push(nil, controller.App{})
			Expect(err).NotTo(HaveOccurred())
		})

		it("CF-10 says what to do about a process without a start command, which the platform starts", func() {
			plan, err := controller.NewPlan([]launch.Process{{Type: "worker", Command: "work"}}, controller.App{})
			Expect(err).NotTo(HaveOccurred())
			Expect(plan.Startable()).To(MatchError(`process "web" has no start command, so it crashes: add a line "web: COMMAND" to the app's Procfile, or state a command in the manifest or with -c`))
		})
	})
}
