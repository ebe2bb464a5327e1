package cli

import (
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/status"
)

func testLive(t *testing.T, context spec.G, it spec.S) {
	it("looks every second, and does not wait for a writer that does not show it", func() {
		synctest.Test(t, func(t *testing.T) {
			Expect := NewWithT(t).Expect
			looks := 0
			l := newLive(
				func() []status.Status {
					looks++
					return make([]status.Status, looks)
				},
				func(statuses []status.Status) []string { return make([]string, len(statuses)) })
			Expect(l.Lines()).To(BeEmpty())
			end := l.start()
			time.Sleep(10*liveInterval + liveInterval/2)
			Expect(l.Lines()).To(HaveLen(11))
			Expect(l.Changed()).To(Receive())
			Expect(l.Changed()).NotTo(Receive())
			time.Sleep(liveInterval)
			Expect(l.Changed()).To(Receive())
			end()
			end()
			time.Sleep(time.Hour)
			Expect(looks).To(Equal(12))
		})
	})
}
