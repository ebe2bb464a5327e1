package push

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
)

func testApplication(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		all    []Application
	)

	it.Before(func() {
		all = []Application{NewApplication("one"), NewApplication("two")}
		all[0].Path, all[0].Stack, all[0].Buildpacks = "/srv/one", "cflinuxfs5", []string{"go_buildpack"}
		all[0].Launch.Processes = []controller.AppProcess{{Type: "worker", Memory: 64}, {Type: "web", Memory: 256}}
	})

	it("selects all apps, with the platform's defaults", func() {
		selected, err := SelectApplications(all, "", Overrides{})
		Expect(err).NotTo(HaveOccurred())
		Expect(selected).To(HaveLen(2))
		Expect(selected[0].Path).To(Equal("/srv/one"))
		Expect(selected[0].Stack).To(Equal("cflinuxfs5"))
		Expect(selected[1].Path).To(Equal("."))
		Expect(selected[1].Stack).To(Equal("cflinuxfs4"))
		Expect(selected[1].Launch.Processes).To(Equal([]controller.AppProcess{{Type: "web"}}))
	})

	it("selects the app of a name", func() {
		selected, err := SelectApplications(all, "two", Overrides{Path: "/srv/two"})
		Expect(err).NotTo(HaveOccurred())
		Expect(selected).To(HaveLen(1))
		Expect(selected[0].Name).To(Equal("two"))
		Expect(selected[0].Path).To(Equal("/srv/two"))
	})

	it("gives the only app of a manifest another name", func() {
		selected, err := SelectApplications(all[:1], "another", Overrides{})
		Expect(err).NotTo(HaveOccurred())
		Expect(selected[0].Name).To(Equal("another"))
	})

	it("overrides the app and its web process, and no other", func() {
		command, size, instances := "./other", memory.Size(512), 0
		selected, err := SelectApplications(all, "one", Overrides{
			Path: "/p", Buildpacks: []string{"a", "b"}, Stack: "s", Command: &command, Memory: &size, Instances: &instances,
		})
		Expect(err).NotTo(HaveOccurred())
		Expect(selected[0].Path).To(Equal("/p"))
		Expect(selected[0].Stack).To(Equal("s"))
		Expect(selected[0].Buildpacks).To(Equal([]string{"a", "b"}))
		Expect(selected[0].Launch.Processes).To(Equal([]controller.AppProcess{
			{Type: "worker", Memory: 64},
			{Type: "web", Command: &command, Memory: 512, Instances: &instances},
		}))
	})

	for _, word := range []string{"null", "default"} {
		it("takes the buildpack "+word+" for whichever accepts the app", func() {
			all[0].Override(Overrides{Buildpacks: []string{word}})
			Expect(all[0].Buildpacks).To(BeEmpty())
		})
	}

	it("checks the port of web and the process of all others where nothing else is said", func() {
		Expect(all[0].HealthCheck("web")).To(Equal(defaultHealthCheck("web")))
		Expect(all[0].HealthCheck("web").Type).To(Equal(HealthCheckPort))
		Expect(all[0].HealthCheck("worker").Type).To(Equal(HealthCheckProcess))
		all[0].HealthChecks["web"] = HealthCheck{Type: HealthCheckHTTP}
		Expect(all[0].HealthCheck("web").Type).To(Equal(HealthCheckHTTP))
	})

	context("failure cases", func() {
		it("names the apps of a manifest that has none of the name", func() {
			_, err := SelectApplications(all, "three", Overrides{})
			Expect(err).To(MatchError(`could not find app named "three" in manifest; it has one, two`))
			_, err = SelectApplications([]Application{{Name: "one"}, {Name: "two"}}, "oen", Overrides{})
			Expect(err).To(MatchError(`could not find app named "oen" in manifest; did you mean one? It has one, two`))
		})

		it("applies no override to several apps", func() {
			none, command := 0, ""
			size := memory.Size(1)
			for _, overrides := range []Overrides{
				{Path: "p"}, {Buildpacks: []string{"b"}}, {Stack: "s"}, {Command: &command}, {Memory: &size}, {Instances: &none},
			} {
				_, err := SelectApplications(all, "", overrides)
				Expect(err).To(MatchError("command line flags (except -f, --var and --vars-file) cannot be applied to several apps of a manifest: name one of them"))
			}
		})
	})
}
