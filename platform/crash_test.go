package platform

import (
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

func testCrash(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	for i, pause := range []time.Duration{
		0, 0, 0, 0, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 16 * time.Minute,
	} {
		it(fmt.Sprintf("PR-19: waits %s after crash %d", pause, i), func() {
			Expect(crashes(i).pause()).To(Equal(pause))
		})
	}

	it("PR-19: waits no longer after very many", func() {
		Expect(crashes(1 << 20).pause()).To(Equal(16 * time.Minute))
	})

	for _, one := range []struct {
		count crashes
		ran   time.Duration
		next  crashes
	}{
		{0, 0, 1}, {1, time.Second, 2}, {7, 5*time.Minute - 1, 8}, {7, 5 * time.Minute, 1}, {7, time.Hour, 1},
	} {
		it(fmt.Sprintf("PR-19: counts %d after %d and %s of running", one.next, one.count, one.ran), func() {
			Expect(one.count.after(one.ran)).To(Equal(one.next))
		})
	}

	it("PR-18: reports a crash in the platform's words", func() {
		log, written := newLog()
		i := &instance{app: NewApplication("app"), process: launch.PlannedProcess{Type: "web"}, index: 1, guid: "the-guid", log: log}
		i.report(crash{description: "APP/PROC/WEB/SIDECAR/CONFIG-SERVER: Exited with status 137", at: time.Unix(0, 5)}, 3)
		Expect(written.unstamped()).To(Equal(`[API/1] OUT Process has crashed with type: "web"
[API/1] OUT App instance exited with guid ` + appGUID("app") + ` payload: {"instance"=>"the-guid", "index"=>1, "cell_id"=>"local", "reason"=>"CRASHED", "exit_description"=>"APP/PROC/WEB/SIDECAR/CONFIG-SERVER: Exited with status 137", "crash_count"=>3, "crash_timestamp"=>5, "version"=>"` + appGUID("app") + `"}
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
