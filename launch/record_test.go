package launch_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
	"github.com/cloudfoundry-community/sidecar-buildpack/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

func testRecord(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		record *launch.Record
	)

	it.Before(func() {
		record = launch.NewRecord()
	})
	web := func(size memory.Size) []launch.AppProcess {
		return []launch.AppProcess{{Type: "web", Memory: size, Instances: 1}}
	}
	user := func(name string, size memory.Size) sidecar.Definition {
		return sidecar.Definition{Name: name, Command: "run " + name, ProcessTypes: []string{"web"}, Memory: size}
	}
	staged := func(name string, size int) launch.Process {
		return launch.Process{Type: name, Command: "start " + name, Memory: size, SidecarFor: []string{"web"}}
	}
	push := func(app launch.App, droplet ...launch.Process) launch.Plan {
		t.Helper()
		plan, err := record.Push(append(droplet, launch.Process{Type: "web", Command: "serve"}), app)
		if len(plan.Refusals) == 0 {
			Expect(err).NotTo(HaveOccurred())
		}
		return plan
	}
	beside := func(plan launch.Plan) []string {
		var all []string
		for _, s := range plan.Processes[0].Sidecars {
			all = append(all, fmt.Sprintf("%s %s %s %s", s.Origin, s.Name, s.Memory, s.Command))
		}
		return all
	}
	sentences := func(plan launch.Plan) []string {
		var all []string
		for _, refusal := range plan.Refusals {
			all = append(all, refusal.Sentence)
		}
		return all
	}
	const (
		tooLarge = `The memory allocation defined is too large to run with the dependent "web" process`
		tooSmall = "The requested memory allocation is not large enough to run all of your sidecar processes"
		conflict = "Buildpack defined sidecar 'a' conflicts with an existing user-defined sidecar. Consider renaming 'a'."
	)

	it("PR-34 makes the buildpack's sidecars anew from each droplet, and keeps the user's", func() {
		push(launch.App{Sidecars: []sidecar.Definition{user("u", 16)}}, staged("a", 32), staged("b", 32))
		plan := push(launch.App{}, staged("b", 64))
		Expect(beside(plan)).To(Equal([]string{"user u 16M run u", "buildpack b 64M start b"}))
	})

	it("PR-34 removes the buildpack's sidecars with a droplet that has none", func() {
		push(launch.App{Sidecars: []sidecar.Definition{user("u", 16)}}, staged("a", 32))
		Expect(beside(push(launch.App{}))).To(Equal([]string{"user u 16M run u"}))
	})

	it("PR-38 changes a sidecar of the same name, and keeps a memory that is not stated", func() {
		push(launch.App{Sidecars: []sidecar.Definition{user("u", 16)}})
		changed := user("u", 0)
		changed.Command = "another"
		Expect(beside(push(launch.App{Sidecars: []sidecar.Definition{changed}}))).To(Equal([]string{"user u 16M another"}))
	})

	it("PR-38 deletes none that the manifest does not name", func() {
		push(launch.App{Sidecars: []sidecar.Definition{user("u", 16), user("v", 16)}})
		Expect(beside(push(launch.App{Sidecars: []sidecar.Definition{user("v", 16)}}))).To(Equal([]string{"user u 16M run u", "user v 16M run v"}))
	})

	it("PR-38 overwrites with the next droplet what a manifest says of a buildpack's sidecar", func() {
		push(launch.App{}, staged("a", 32))
		plan := push(launch.App{Sidecars: []sidecar.Definition{user("a", 512)}}, staged("a", 32))
		Expect(beside(plan)).To(Equal([]string{"buildpack a 32M start a"}))
		Expect(plan.Refusals).To(BeEmpty())
	})

	it("keeps a process's memory that a later manifest does not state", func() {
		push(launch.App{Processes: web(512)})
		Expect(push(launch.App{Processes: web(0)}).Processes[0].Memory).To(Equal(memory.Size(512)))
	})

	it("PR-31 reads a manifest's sidecars into the app, and keeps what is dropped", func() {
		var list yaml.Node
		Expect(yaml.Unmarshal([]byte("- {name: a, command: b, process_types: [web], memory: 1M, other: 1}"), &list)).To(Succeed())
		var read launch.App
		Expect(read.ParseSidecars("manifest.yml", list.Content[0])).To(Succeed())
		Expect(read.Sidecars).To(Equal([]sidecar.Definition{{
			Name: "a", Command: "b", ProcessTypes: []string{"web"}, Memory: 1, At: sidecar.Position{Source: "manifest.yml", Line: 1},
		}}))
		Expect(read.Dropped).To(MatchError(ContainSubstring(`sidecar "a": found the key "other"`)))
	})

	it("PR-30 reads the manifest's sizes as whole MB", func() {
		var list yaml.Node
		Expect(yaml.Unmarshal([]byte("- {name: a, command: b, process_types: [web], memory: 1.5gib}\n- {name: b, command: b, process_types: [web], memory: 64}"), &list)).To(Succeed())
		app := launch.App{Processes: web(2048)}
		Expect(app.ParseSidecars("manifest.yml", list.Content[0])).To(Succeed())
		Expect(push(app).Processes[0].MemoryLimit).To(BeEquivalentTo(2048 - 1536 - 64))
	})

	context("failure cases", func() {
		it("PR-35 refuses the buildpack's sidecar of the user's name at every push", func() {
			app := launch.App{Sidecars: []sidecar.Definition{user("a", 16)}}
			Expect(sentences(push(app, staged("a", 32)))).To(Equal([]string{conflict}))
			Expect(sentences(push(app, staged("a", 32)))).To(Equal([]string{conflict}))
			Expect(sentences(push(launch.App{}, staged("a", 32)))).To(Equal([]string{conflict}), "PR-38: a manifest without it does not delete it")
		})

		it("PR-39 refuses the same buildpack's sidecars after a rollback, which makes them the user's", func() {
			Expect(push(launch.App{}, staged("a", 32)).Refusals).To(BeEmpty())
			record.Rollback()
			plan := push(launch.App{}, staged("a", 32))
			Expect(sentences(plan)).To(Equal([]string{conflict}))
			Expect(beside(plan)).To(Equal([]string{"user a 32M start a"}))
		})

		it("PR-33, PR-38 scales a process before it changes the sidecars", func() {
			push(launch.App{Processes: web(1024), Sidecars: []sidecar.Definition{user("u", 512)}}, staged("a", 256))
			plan := push(launch.App{Processes: web(512), Sidecars: []sidecar.Definition{user("u", 64)}}, staged("a", 64))
			Expect(sentences(plan)).To(Equal([]string{tooSmall}))
			Expect(plan.Refusals[0].Step).To(Equal(launch.StepManifest))
		})

		it("PR-33, PR-38 changes the sidecars one after the other", func() {
			push(launch.App{Sidecars: []sidecar.Definition{user("u", 600), user("v", 100)}})
			Expect(sentences(push(launch.App{Sidecars: []sidecar.Definition{user("v", 600), user("u", 100)}}))).To(Equal([]string{tooLarge}))
		})

		it("PR-33 counts the buildpack's sidecars where the manifest changes its own", func() {
			push(launch.App{}, staged("a", 512))
			Expect(sentences(push(launch.App{Sidecars: []sidecar.Definition{user("u", 512)}}, staged("a", 512)))).To(Equal([]string{tooLarge}))
		})

		for _, broken := range []struct {
			sidecar launch.Process
			want    string
		}{
			{launch.Process{Type: " ", Command: "x", SidecarFor: []string{"web"}}, "name presence"},
			{launch.Process{Type: "x", Command: "", SidecarFor: []string{"web"}}, "command presence"},
			{launch.Process{Type: strings.Repeat("é", 256), Command: "x", SidecarFor: []string{"web"}}, "Name is too long (maximum is 255 characters)"},
			{launch.Process{Type: "x", Command: strings.Repeat("é", 4097), SidecarFor: []string{"web"}}, "Command is too long (maximum is 4096 characters)"},
			{launch.Process{Type: "x", Command: "x", SidecarFor: []string{strings.Repeat("é", 256)}}, "Process type is too long (maximum is 255 characters)"},
			{launch.Process{Type: "x", Command: "x", SidecarFor: []string{"web", "web"}}, "Sidecar is already associated with process type web"},
		} {
			it("PR-27, PR-28, PR-36 refuses of a droplet's sidecar: "+broken.want, func() {
				plan := push(launch.App{}, broken.sidecar)
				Expect(sentences(plan)).To(Equal([]string{broken.want}))
				Expect(plan.Refusals[0].Hidden).To(BeTrue())
			})
		}

		it("PR-29 refuses a droplet's memory that the platform cannot store", func() {
			plan := push(launch.App{}, staged("a", 1<<40), staged("b", 1<<62), staged("c", 1<<62))
			Expect(sentences(plan)).To(Equal([]string{"integer out of range", tooLarge, "integer out of range", "integer out of range"}))
		})

		it("PR-27, PR-28, PR-29 reports what is wrong with a manifest's sidecars", func() {
			var list yaml.Node
			Expect(yaml.Unmarshal([]byte("- {name: a, process_types: [web, web], memory: 0}"), &list)).To(Succeed())
			err := new(launch.App).ParseSidecars("manifest.yml", list.Content[0])
			Expect(err).To(MatchError(And(
				ContainSubstring(`manifest.yml:1: sidecar "a": found no command`),
				ContainSubstring(`manifest.yml:1: sidecar "a": process_types: found "web" a second time`),
				ContainSubstring(`manifest.yml:1: sidecar "a": memory: found the number 0`),
			)))
		})
	})
}
