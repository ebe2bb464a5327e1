package platform

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
)

func testCrash(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("CF-18: reports a crash in the platform's words, and of its payload what a person reads", func() {
		log, written := newLog()
		i := &instance{app: push.NewApplication("app"), process: controller.PlannedProcess{Type: "web"}, index: 1, guid: "the-guid", log: log, crashes: 3}
		i.report(crash{description: "APP/PROC/WEB/SIDECAR/CONFIG-SERVER: Exited with status 137", at: time.Unix(0, 5)})
		Expect(written.Unstamped()).To(Equal(`[API/1] OUT Process has crashed with type: "web"
[API/1] OUT App instance exited with guid ` + appGUID("app") + ` payload: {"reason"=>"CRASHED", "exit_description"=>"APP/PROC/WEB/SIDECAR/CONFIG-SERVER: Exited with status 137", "crash_count"=>3}
`))
	})
}

func testGUID(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect
	const form = `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`

	it("is a random one for each instance", func() {
		Expect(newGUID()).To(MatchRegexp(form))
		Expect(newGUID()).NotTo(Equal(newGUID()))
	})

	it("is the same for an app of the same name", func() {
		Expect(appGUID("app")).To(MatchRegexp(form))
		Expect(appGUID("app")).To(Equal(appGUID("app")))
		Expect(appGUID("app")).NotTo(Equal(appGUID("other")))
		Expect(appGUID("")).To(MatchRegexp(form))
	})
}
