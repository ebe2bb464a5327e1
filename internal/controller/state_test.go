package controller_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// nothingToStart is why a droplet without any process is refused.
const nothingToStart = `Staging error: Start command not specified. Add a line "web: COMMAND" to the app's Procfile, or state a command in the manifest or with -c.`

func testRecord(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		record *controller.State
	)

	it.Before(func() {
		record = controller.NewState()
	})
	web := func(size memory.Size) []controller.AppProcess {
		return []controller.AppProcess{{Type: "web", Memory: size}}
	}
	user := func(name string, size memory.Size) controller.AppSidecar {
		return controller.AppSidecar{Name: name, Command: "run " + name, ProcessTypes: controller.TypeNames("web"), Memory: size}
	}
	staged := func(name string, size int) launch.Process {
		return launch.Process{Type: name, Command: "start " + name, Memory: size, SidecarFor: []string{"web"}}
	}
	push := func(app controller.App, droplet ...launch.Process) controller.Plan {
		t.Helper()
		plan, err := record.Push(append(droplet, launch.Process{Type: "web", Command: "serve"}), app)
		if len(plan.Refusals) == 0 {
			Expect(err).NotTo(HaveOccurred())
		}
		return plan
	}
	sidecarsOf := func(plan controller.Plan) []string {
		var all []string
		for _, s := range plan.Processes[0].Sidecars {
			all = append(all, fmt.Sprintf("%s %s %s %s", s.Origin, s.Name, s.Memory, s.Command))
		}
		return all
	}
	sentences := func(plan controller.Plan) []string {
		var all []string
		for _, refusal := range plan.Refusals {
			all = append(all, refusal.Message)
		}
		return all
	}
	const (
		tooLarge = `The memory allocation defined is too large to run with the dependent "web" process`
		tooSmall = "The requested memory allocation is not large enough to run all of your sidecar processes"
		conflict = "Buildpack defined sidecar 'a' conflicts with an existing user-defined sidecar. Consider renaming 'a'."
	)

	it("CF-34 makes the buildpack's sidecars anew from each droplet, and keeps the user's", func() {
		push(controller.App{Sidecars: []controller.AppSidecar{user("u", 16)}}, staged("a", 32), staged("b", 32))
		plan := push(controller.App{}, staged("b", 64))
		Expect(sidecarsOf(plan)).To(Equal([]string{"user u 16M run u", "buildpack b 64M start b"}))
	})

	it("CF-34 removes the buildpack's sidecars with a droplet that has none", func() {
		push(controller.App{Sidecars: []controller.AppSidecar{user("u", 16)}}, staged("a", 32))
		Expect(sidecarsOf(push(controller.App{}))).To(Equal([]string{"user u 16M run u"}))
	})

	it("CF-38 changes a sidecar of the same name, and keeps a memory that is not stated", func() {
		push(controller.App{Sidecars: []controller.AppSidecar{user("u", 16)}})
		changed := user("u", 0)
		changed.Command = "another"
		Expect(sidecarsOf(push(controller.App{Sidecars: []controller.AppSidecar{changed}}))).To(Equal([]string{"user u 16M another"}))
	})

	it("CF-38 deletes none that the manifest does not name", func() {
		push(controller.App{Sidecars: []controller.AppSidecar{user("u", 16), user("v", 16)}})
		Expect(sidecarsOf(push(controller.App{Sidecars: []controller.AppSidecar{user("v", 16)}}))).To(Equal([]string{"user u 16M run u", "user v 16M run v"}))
	})

	it("CF-38 overwrites with the next droplet what a manifest says of a buildpack's sidecar", func() {
		push(controller.App{}, staged("a", 32))
		plan := push(controller.App{Sidecars: []controller.AppSidecar{user("a", 512)}}, staged("a", 32))
		Expect(sidecarsOf(plan)).To(Equal([]string{"buildpack a 32M start a"}))
		Expect(plan.Refusals).To(BeEmpty())
	})

	it("keeps a process's memory that a later manifest does not state", func() {
		push(controller.App{Processes: web(512)})
		Expect(push(controller.App{Processes: web(0)}).Processes[0].Memory).To(Equal(memory.Size(512)))
	})

	context("failure cases", func() {
		it("CF-35 refuses the buildpack's sidecar of the user's name at every push", func() {
			app := controller.App{Sidecars: []controller.AppSidecar{user("a", 16)}}
			Expect(sentences(push(app, staged("a", 32)))).To(Equal([]string{conflict}))
			Expect(sentences(push(app, staged("a", 32)))).To(Equal([]string{conflict}))
			Expect(sentences(push(controller.App{}, staged("a", 32)))).To(Equal([]string{conflict}), "CF-38: a manifest without it does not delete it")
		})

		it("CF-39 refuses the same buildpack's sidecars after a rollback, which makes them the user's", func() {
			Expect(push(controller.App{}, staged("a", 32)).Refusals).To(BeEmpty())
			record.Rollback()
			plan := push(controller.App{}, staged("a", 32))
			Expect(sentences(plan)).To(Equal([]string{conflict}))
			Expect(sidecarsOf(plan)).To(Equal([]string{"user a 32M start a"}))
		})

		it("CF-33, CF-38 scales a process before it changes the sidecars", func() {
			push(controller.App{Processes: web(1024), Sidecars: []controller.AppSidecar{user("u", 512)}}, staged("a", 256))
			plan := push(controller.App{Processes: web(512), Sidecars: []controller.AppSidecar{user("u", 64)}}, staged("a", 64))
			Expect(sentences(plan)).To(Equal([]string{tooSmall}))
			Expect(plan.Refusals[0].Step).To(Equal(controller.StepManifest))
		})

		it("CF-33, CF-38 changes the sidecars one after the other", func() {
			push(controller.App{Sidecars: []controller.AppSidecar{user("u", 600), user("v", 100)}})
			Expect(sentences(push(controller.App{Sidecars: []controller.AppSidecar{user("v", 600), user("u", 100)}}))).To(Equal([]string{tooLarge}))
		})

		it("CF-33 counts the buildpack's sidecars where the manifest changes its own", func() {
			push(controller.App{}, staged("a", 512))
			Expect(sentences(push(controller.App{Sidecars: []controller.AppSidecar{user("u", 512)}}, staged("a", 512)))).To(Equal([]string{tooLarge}))
		})

		for _, broken := range []struct {
			sidecar launch.Process
			want    string
		}{
			{launch.Process{Type: " ", Command: "x", SidecarFor: []string{"web"}}, "name presence"},
			{launch.Process{Type: "\u00a0", Command: "x", SidecarFor: []string{"web"}}, "name presence"},
			{launch.Process{Type: "x", Command: "", SidecarFor: []string{"web"}}, "command presence"},
			{launch.Process{Command: "", SidecarFor: []string{"web"}}, "name presence, command presence"},
			{launch.Process{Type: strings.Repeat("é", 256), Command: "x", SidecarFor: []string{"web"}}, "Name is too long (maximum is 255 characters)"},
			{launch.Process{Type: "x", Command: strings.Repeat("é", 4097), SidecarFor: []string{"web"}}, "Command is too long (maximum is 4096 characters)"},
			{launch.Process{Type: strings.Repeat("é", 256), Command: " ", SidecarFor: []string{"web"}}, "command presence, Name is too long (maximum is 255 characters)"},
			{launch.Process{Type: "x", Command: "x", SidecarFor: []string{strings.Repeat("é", 256)}}, "Process type is too long (maximum is 255 characters)"},
			{launch.Process{Type: "x", Command: "x", SidecarFor: []string{"web", "web"}}, "sidecar_guid and type Sidecar is already associated with process type web"},
			{launch.Process{Type: "x", Command: "x", SidecarFor: []string{"web", ""}}, "type presence"},
			{launch.Process{Type: "x", Command: "x", SidecarFor: []string{"\t"}}, "type presence"},
			{launch.Process{Type: "x\x00", Command: "x", SidecarFor: []string{"web"}}, "string contains null byte"},
			{launch.Process{Type: "x", Command: "x\x00", SidecarFor: []string{"web"}}, "string contains null byte"},
			{launch.Process{Type: "x", Command: "x", SidecarFor: []string{"web", "w\x00"}}, "string contains null byte"},
			{launch.Process{Type: "x", Command: "x", Memory: int(memory.Max) + 1, SidecarFor: []string{"nowhere"}}, "PG::NumericValueOutOfRange: ERROR:  integer out of range\n"},
		} {
			it("CF-27, CF-28, CF-36 refuses of a droplet's sidecar: "+broken.want, func() {
				plan := push(controller.App{}, broken.sidecar)
				Expect(sentences(plan)).To(Equal([]string{broken.want}))
				Expect(plan.Refusals[0].Hidden).To(BeTrue())
			})
		}

		it("CF-33, CF-36 looks at the memory of a droplet's sidecar first, whatever else is wrong with it", func() {
			plan := push(controller.App{}, launch.Process{Memory: 1 << 40, SidecarFor: []string{"web", "web"}})
			Expect(sentences(plan)).To(Equal([]string{
				tooLarge, "name presence, command presence", "PG::NumericValueOutOfRange: ERROR:  integer out of range\n",
				"sidecar_guid and type Sidecar is already associated with process type web",
			}))
		})

		it("CF-29 refuses a droplet's memory that the platform cannot store, however large", func() {
			plan := push(controller.App{}, staged("a", 1<<62), staged("b", 1<<62))
			const outOfRange = "PG::NumericValueOutOfRange: ERROR:  integer out of range\n"
			Expect(sentences(plan)).To(Equal([]string{tooLarge, outOfRange, outOfRange}))
		})

		for _, broken := range []struct {
			sidecar controller.AppSidecar
			want    string
			hidden  bool
		}{
			{controller.AppSidecar{Name: strings.Repeat("é", 256), Command: "x", ProcessTypes: controller.TypeNames("web")}, "Name is too long (maximum is 255 characters)", false},
			{controller.AppSidecar{Name: "x", Command: "x", ProcessTypes: []controller.TypeName{{Null: true}}}, "type presence, type is not present", false},
			{controller.AppSidecar{Name: "x", Command: "x", ProcessTypes: controller.TypeNames("web", " ")}, "type presence", false},
			{controller.AppSidecar{Name: "x", Command: "x", ProcessTypes: controller.TypeNames("web", "web")}, "sidecar_guid and type Sidecar is already associated with process type web", false},
			{controller.AppSidecar{Name: "x", Command: "x", Memory: 10, MemoryIsText: true, ProcessTypes: controller.TypeNames("web")}, "String can't be coerced into Integer", true},
			{controller.AppSidecar{Name: "x\x00", Command: "x", ProcessTypes: controller.TypeNames("web")}, "string contains null byte", true},
		} {
			it("CF-27, CF-28 refuses of a manifest's sidecar: "+broken.want, func() {
				plan := push(controller.App{Sidecars: []controller.AppSidecar{broken.sidecar}})
				Expect(plan.Refusals).To(Equal(controller.Refusals{{Message: broken.want, Step: controller.StepManifest, Sidecar: broken.sidecar.Name, Hidden: broken.hidden}}))
			})
		}

		it("takes a number in quotes where there is no process to add it up for", func() {
			text := controller.AppSidecar{Name: "x", Command: "x", Memory: 10, MemoryIsText: true, ProcessTypes: controller.TypeNames("nowhere")}
			Expect(push(controller.App{Sidecars: []controller.AppSidecar{text}}).Refusals).To(BeEmpty())
		})

		it("CF-50 takes process types of another kind than text once, and fails when they are to be changed", func() {
			flag := controller.AppSidecar{Name: "x", Command: "x", ProcessTypes: controller.TypeNames("true"), Lookup: "operator does not exist: text = boolean"}
			Expect(push(controller.App{Sidecars: []controller.AppSidecar{flag}}).Refusals).To(BeEmpty())
			Expect(sentences(push(controller.App{Sidecars: []controller.AppSidecar{flag}}))).To(Equal([]string{"operator does not exist: text = boolean"}))
		})

		checks := map[string]controller.AppProcess{
			"health_check_http_endpoint HTTP health check endpoint is not a valid URI path: ":                     {Type: "web", Check: controller.AppCheck{Type: controller.CheckHTTP}},
			"readiness_health_check_http_endpoint HTTP readiness health check endpoint is not a valid URI path: ": {Type: "web", Readiness: controller.AppCheck{Type: controller.CheckHTTP}},
			"health_check_timeout Maximum exceeded: max 180s":                                                     {Type: "web", Check: controller.AppCheck{Timeout: number(181)}},
			"health_check_timeout Maximum exceeded: max 180s, health_check_http_endpoint HTTP health check endpoint is not a valid URI path: ": {
				Type: "worker", Check: controller.AppCheck{Type: controller.CheckHTTP, Timeout: number(1000)}},
		}
		for want, process := range testtable.Sorted(checks) {
			it("refuses a check: "+want, func() {
				plan := push(controller.App{Processes: []controller.AppProcess{process}})
				Expect(plan.Refusals).To(HaveExactElements(And(HaveField("Message", want), HaveField("Step", controller.StepManifest), HaveField("Process", process.Type), HaveField("Hidden", false))))
			})
		}

		it("refuses times that the platform's database cannot hold", func() {
			plan := push(controller.App{Processes: []controller.AppProcess{{Type: "web", Check: controller.AppCheck{Interval: number(1 << 31)}}}})
			Expect(plan.Refusals).To(Equal(controller.Refusals{{Message: "PG::NumericValueOutOfRange: ERROR:  integer out of range\n", Step: controller.StepManifest, Process: "web", Hidden: true}}))
		})

		it("refuses NUL bytes in the type of a process, and memory that its database cannot hold", func() {
			for _, broken := range []struct {
				process controller.AppProcess
				want    string
			}{
				{controller.AppProcess{Type: "a\x00"}, "string contains null byte"},
				{controller.AppProcess{Type: "a", Command: words("\x00")}, "string contains null byte"},
				{controller.AppProcess{Type: "web", Memory: memory.Max + 1}, "PG::NumericValueOutOfRange: ERROR:  integer out of range\n"},
			} {
				plan := push(controller.App{Processes: []controller.AppProcess{broken.process}})
				Expect(plan.Refusals).To(Equal(controller.Refusals{{Message: broken.want, Step: controller.StepManifest, Process: broken.process.Type, Hidden: true}}))
			}
			plan := push(controller.App{}, launch.Process{Type: "b\x00", Command: "x"})
			Expect(plan.Refusals).To(Equal(controller.Refusals{{Message: "string contains null byte", Step: controller.StepDroplet, Process: "b\x00", Hidden: true}}))
		})

		it("keeps a check's endpoint and type that a later manifest does not state, and forgets it with another type", func() {
			check := func(check controller.AppCheck) controller.Refusals {
				return push(controller.App{Processes: []controller.AppProcess{{Type: "web", Check: check}}}).Refusals
			}
			Expect(check(controller.AppCheck{Type: controller.CheckHTTP, Endpoint: words("/")})).To(BeEmpty())
			Expect(check(controller.AppCheck{})).To(BeEmpty())
			Expect(check(controller.AppCheck{Type: controller.CheckPort})).To(BeEmpty())
			Expect(check(controller.AppCheck{Type: controller.CheckHTTP})).To(HaveLen(1))
		})
	})

	context("a push that is stored as the platform does, up to the first refusal", func() {
		store := func(app controller.App, droplet ...launch.Process) error {
			return record.Store(append(droplet, launch.Process{Type: "web", Command: "serve"}), app)
		}

		it("keeps what the manifest had changed before it was refused", func() {
			app := controller.App{Processes: web(512), Sidecars: []controller.AppSidecar{user("u", 100), user("v", 600), user("w", 1)}}
			Expect(store(app, staged("a", 1))).To(MatchError(HavePrefix(tooLarge)))
			plan := push(controller.App{})
			Expect(sidecarsOf(plan)).To(Equal([]string{"user u 100M run u"}))
			Expect(plan.Processes[0].Memory).To(BeEquivalentTo(512))
		})

		it("keeps nothing of a droplet that was refused, and the one before", func() {
			Expect(store(controller.App{}, staged("a", 16))).To(Succeed())
			Expect(store(controller.App{Sidecars: []controller.AppSidecar{user("u", 1)}}, staged("a", 16), staged("b", 2048))).To(MatchError(HavePrefix(tooLarge)))
			Expect(store(controller.App{Processes: web(17)})).To(MatchError(HavePrefix(tooSmall)), "a of the first droplet and u are there")
		})

		it("stores nothing of a droplet without a process", func() {
			Expect(record.Store(nil, controller.App{Sidecars: []controller.AppSidecar{user("u", 1)}})).To(MatchError(nothingToStart))
			Expect(sidecarsOf(push(controller.App{}))).To(Equal([]string{"user u 1M run u"}))
		})
	})

	it("keeps a command and instances that a later manifest does not state", func() {
		push(controller.App{Processes: []controller.AppProcess{{Type: "web", Command: words("mine"), Instances: number(3)}}})
		plan := push(controller.App{Processes: []controller.AppProcess{{Type: "web"}}})
		Expect(plan.Processes[0].Command).To(Equal("mine"))
		Expect(plan.Processes[0].Instances).To(Equal(3))
		plan = push(controller.App{Processes: []controller.AppProcess{{Type: "web", Command: words("")}}})
		Expect(plan.Processes[0].Command).To(Equal("serve"), "the droplet's, which is asked for")
	})

	it("takes a command of blanks for none", func() {
		plan := push(controller.App{Processes: []controller.AppProcess{{Type: "web", Command: words(" ")}}})
		Expect(plan.Processes[0].Command).To(Equal("serve"))
		_, err := controller.NewPlan(nil, controller.App{Processes: []controller.AppProcess{{Type: "web", Command: words(" ")}}})
		Expect(err).To(MatchError(nothingToStart))
	})

	it("takes a command from the droplet of the last push", func() {
		push(controller.App{})
		plan, err := record.Push([]launch.Process{{Type: "web", Command: "changed"}}, controller.App{})
		Expect(err).NotTo(HaveOccurred())
		Expect(plan.Processes[0].Command).To(Equal("changed"))
	})
}
