package vcap_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/vcap"
)

func TestVCAP(t *testing.T) {
	spec.Run(t, "vcap", testApplication, spec.Report(report.Terminal{}))
}

func testApplication(t *testing.T, context spec.G, it spec.S) {
	Expect := NewWithT(t).Expect
	read := func(content string) vcap.Application {
		t.Helper()
		app, err := vcap.Read([]string{"A=b", "VCAP_APPLICATION=" + content})
		Expect(err).NotTo(HaveOccurred())
		return app
	}

	it("says which app, space, organization and process it is", func() {
		app := read(`{"cf_api":"https://api.example.com","application_id":"a-1","application_name":"shop","name":"shop","space_id":"s-1","space_name":"dev",
			"organization_id":"o-1","organization_name":"team","process_id":"p-1","process_type":"web","limits":{"fds":16384,"mem":64}}`)
		Expect([]string{app.ID, app.Name, app.SpaceID, app.SpaceName, app.OrganizationID, app.OrganizationName, app.ProcessID, app.ProcessType}).
			To(Equal([]string{"a-1", "shop", "s-1", "dev", "o-1", "team", "p-1", "web"}))
	})

	it("tells in which processes a sidecar runs: those of its types, and any that says nothing of itself", func() {
		for content, expected := range map[string]bool{
			``: true, `{"process_type":"web"}`: true, `{"process_type": "odd \"type\""}`: true,
			`{"process_type":"worker"}`: false, `{"name":"a task"}`: false, `{"name":"\"process_type\":\"web\""}`: false,
		} {
			Expect(read(content).RunsIn([]string{"web", `odd "type"`})).To(Equal(expected), content)
		}
		app, err := vcap.Read(nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(app.RunsIn([]string{"web"})).To(BeTrue())
	})

	context("failure cases", func() {
		it("says that it is not JSON, quotes nothing of it, and runs no sidecar there", func() {
			for _, content := range []string{"{", "s3cret", "[]", `{"process_type":["s3cret"]}`} {
				app, err := vcap.Read([]string{"VCAP_APPLICATION=" + content})
				Expect(err).To(MatchError("VCAP_APPLICATION: found no application in JSON; expected that of the platform"))
				Expect(app.RunsIn([]string{"web"})).To(BeFalse(), content)
			}
		})
	})
}
