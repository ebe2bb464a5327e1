package otel_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/otel"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/vcap"
)

func TestOTel(t *testing.T) {
	spec.Run(t, "otel", testIdentity, spec.Report(report.Terminal{}))
}

func testIdentity(t *testing.T, _ spec.G, it spec.S) {
	Expect := NewWithT(t).Expect
	app := vcap.Application{
		ID: "a-1", Name: "my shop", OrganizationID: "o-1", OrganizationName: "Team, Ä=%+", SpaceID: "s-1", SpaceName: "dev", ProcessID: "p-1", ProcessType: "web",
	}
	instance := []string{"CF_INSTANCE_INDEX=3", "CF_INSTANCE_GUID=i-1"}
	const all = "cloudfoundry.app.id=a-1,cloudfoundry.app.name=my%20shop,cloudfoundry.app.instance.id=3,cloudfoundry.org.id=o-1,cloudfoundry.org.name=Team%2C%20%C3%84%3D%25%2B," +
		"cloudfoundry.space.id=s-1,cloudfoundry.space.name=dev,cloudfoundry.process.id=p-1,cloudfoundry.process.type=web,service.instance.id=i-1"

	it("is by the semantic conventions, its values percent-encoded", func() {
		Expect(otel.Variables(app, instance)).To(Equal(map[string]string{"OTEL_SERVICE_NAME": "my shop", "OTEL_RESOURCE_ATTRIBUTES": all}))
	})

	it("leaves out what the platform does not say", func() {
		Expect(otel.Variables(vcap.Application{}, nil)).To(BeEmpty())
		Expect(otel.Variables(vcap.Application{Name: "a"}, nil)).To(Equal(map[string]string{"OTEL_SERVICE_NAME": "a", "OTEL_RESOURCE_ATTRIBUTES": "cloudfoundry.app.name=a"}))
	})

	it("keeps the user's attributes as they are written, which win key by key", func() {
		app := vcap.Application{ID: "a-1", Name: "shop", SpaceName: "dev"}
		const own = " team = a%20b ,cloudfoundry.space.name= prod,odd"
		for stated, expected := range map[string]string{
			own:         own + ",cloudfoundry.app.id=a-1,cloudfoundry.app.name=shop",
			"x=y, ":     "x=y,cloudfoundry.app.id=a-1,cloudfoundry.app.name=shop,cloudfoundry.space.name=dev",
			" , ":       "cloudfoundry.app.id=a-1,cloudfoundry.app.name=shop,cloudfoundry.space.name=dev",
			"xteam=a=b": "xteam=a=b,cloudfoundry.app.id=a-1,cloudfoundry.app.name=shop,cloudfoundry.space.name=dev",
		} {
			Expect(otel.Variables(app, []string{"OTEL_RESOURCE_ATTRIBUTES=" + stated})).To(HaveKeyWithValue("OTEL_RESOURCE_ATTRIBUTES", expected), stated)
		}
	})

	it("changes nothing a second time", func() {
		first := otel.Variables(app, instance)
		Expect(otel.Variables(app, append(instance, "OTEL_SERVICE_NAME="+first["OTEL_SERVICE_NAME"], "OTEL_RESOURCE_ATTRIBUTES="+first["OTEL_RESOURCE_ATTRIBUTES"]))).To(BeEmpty())
	})

	it("leaves the service the name that the user has given it, by either variable", func() {
		for _, own := range []string{"OTEL_SERVICE_NAME=mine", "OTEL_RESOURCE_ATTRIBUTES=service.name=mine", "OTEL_RESOURCE_ATTRIBUTES=a=b, service.name =mine"} {
			Expect(otel.Variables(app, []string{own})).NotTo(HaveKey("OTEL_SERVICE_NAME"), own)
		}
		Expect(otel.Variables(app, []string{"OTEL_SERVICE_NAME=", "OTEL_RESOURCE_ATTRIBUTES=x.service.name=a"})).To(HaveKeyWithValue("OTEL_SERVICE_NAME", "my shop"))
	})
}
