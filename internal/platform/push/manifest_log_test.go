package push

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testManifestLogRate(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	for _, one := range []struct {
		text    string
		bytes   int64
		limited bool
	}{
		{"16K", 16 << 10, true}, {"1MB", 1 << 20, true}, {"1gib", 1 << 30, true}, {"5B", 5, true}, {"1.5K", 1536, true},
		{"0", 0, true}, {"-1", 0, false}, {"'-1'", 0, false}, {"null", 0, false}, {"''", 0, false}, {"-1B", 0, false},
	} {
		it("CF-49: reads log-rate-limit-per-second: "+one.text, func() {
			bytes, limited := oneApp(t, "applications: [{name: app, log-rate-limit-per-second: "+one.text+"}]").LogRateLimits["web"]
			Expect(limited).To(Equal(one.limited))
			Expect(bytes).To(Equal(one.bytes))
		})
	}

	it("CF-49: reads the limit of a process", func() {
		Expect(oneApp(t, "applications: [{name: app, processes: [{type: worker, log-rate-limit-per-second: 1K}]}]").LogRateLimits).To(Equal(map[string]int64{"worker": 1024}))
	})
}
