package show

import (
	"strings"
	"testing"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testLogRate(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		clock   *platformtest.StoppedClock
		log     *Log
		written *platformtest.Lines
		limit   *LogRate
	)
	const web, sidecar = "APP/PROC/WEB", "APP/PROC/WEB/SIDECAR/S"

	it.Before(func() {
		clock = platformtest.NewStoppedClock()
		log, written = newLog()
		limit = NewLogRate(10, clock.Now)
	})

	it("CF-49: is shared by app and sidecars, says so when it is exceeded, and drops all for a second", func() {
		limit.Line(log, web, 1, Out, "12345")
		limit.Line(log, sidecar, 1, Err, "1234")
		limit.Line(log, sidecar, 1, Err, "12")
		clock.Pass(999 * time.Millisecond)
		limit.Line(log, web, 1, Out, "1")
		clock.Pass(time.Millisecond)
		limit.Line(log, web, 1, Out, "1234567890")
		Expect(written.Unstamped()).To(Equal("[APP/PROC/WEB/1] OUT 12345\n" +
			"[APP/PROC/WEB/SIDECAR/S/1] ERR 1234\n" +
			"[APP/PROC/WEB/SIDECAR/S/1] OUT app instance exceeded log rate limit (10 bytes/sec)\n" +
			"[APP/PROC/WEB/1] OUT 1234567890\n"))
	})

	it("CF-49: never lets a line pass that is longer than it", func() {
		limit.Line(log, web, 0, Out, strings.Repeat("x", 11))
		clock.Pass(time.Hour)
		limit.Line(log, web, 0, Out, strings.Repeat("x", 11))
		const exceeded = "[APP/PROC/WEB/0] OUT app instance exceeded log rate limit (10 bytes/sec)\n"
		Expect(written.Unstamped()).To(Equal(exceeded + exceeded))
	})

	it("CF-49: lets nothing pass where it is 0, without a word", func() {
		limit = NewLogRate(0, clock.Now)
		limit.Line(log, web, 0, Out, "x")
		Expect(written.String()).To(BeEmpty())
	})

	it("lets everything pass without a limit", func() {
		limit = nil
		limit.Line(log, web, 0, Out, strings.Repeat("x", 1000))
		Expect(written.Unstamped()).To(HaveLen(1000 + len("[APP/PROC/WEB/0] OUT \n")))
	})
}
