package run

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/celltest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
)

func testCrash(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("CF-18: reports a crash in the platform's words, and of its payload what a person reads", func() {
		log, written := celltest.NewLog()
		i := &instance{app: push.NewApplication("app"), process: controller.PlannedProcess{Type: "web"}, index: 1, guid: "the-guid", log: log, crashes: 3}
		i.report(crash{description: "APP/PROC/WEB/SIDECAR/CONFIG-SERVER: Exited with status 137", at: time.Unix(0, 5)})
		Expect(written.Unstamped()).To(Equal(`[API/1] OUT Process has crashed with type: "web"
[API/1] OUT App instance exited with guid ` + cell.AppGUID("app") + ` payload: {"reason"=>"CRASHED", "exit_description"=>"APP/PROC/WEB/SIDECAR/CONFIG-SERVER: Exited with status 137", "crash_count"=>3}
`))
	})
}
