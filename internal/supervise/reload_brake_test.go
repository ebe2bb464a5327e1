package supervise

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testReloadBrake(t *testing.T, _ spec.G, it spec.S) {
	Expect := NewWithT(t).Expect
	const s = time.Second

	// pauses are those of changes that are found so long after the reload before.
	now := time.Unix(1_000_000, 0)
	pauses := func(b *reloadBrake, count int, after time.Duration) (all []time.Duration) {
		for range count {
			now = now.Add(after)
			pause := b.next(now)
			now = now.Add(pause)
			all = append(all, pause)
		}
		return all
	}

	it("lets ten in a row pass, and then waits from a second up to thirty", func() {
		b := &reloadBrake{}
		Expect(pauses(b, freeReloads, s/4)).To(HaveEach(time.Duration(0)))
		Expect(pauses(b, 8, s/4)).To(Equal([]time.Duration{s, 2 * s, 4 * s, 8 * s, 16 * s, 30 * s, 30 * s, 30 * s}))
	})

	it("begins anew after a minute without a change, and not before", func() {
		b := &reloadBrake{}
		pauses(b, freeReloads+3, s/4)
		Expect(pauses(b, 1, time.Minute-1)).To(Equal([]time.Duration{8 * s}))
		Expect(pauses(b, freeReloads, time.Minute)).To(HaveEach(time.Duration(0)))
		Expect(pauses(b, 2*freeReloads, time.Minute)).To(HaveEach(time.Duration(0)), "a change a minute is not a loop")
	})
}
