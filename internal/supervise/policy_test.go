//go:build linux

package supervise

import (
	"math/rand/v2"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testPolicy(t *testing.T, context spec.G, it spec.S) {
	Expect := NewWithT(t).Expect

	pauses := func(p *policy, health ...time.Duration) (all []time.Duration) {
		for _, h := range health {
			pause, again := p.next(h)
			if !again {
				pause = -1
			}
			all = append(all, pause)
		}
		return all
	}
	const s = time.Second

	it("doubles from a second to thirty", func() {
		Expect(pauses(&policy{}, make([]time.Duration, 8)...)).To(Equal([]time.Duration{s, 2 * s, 4 * s, 8 * s, 16 * s, 30 * s, 30 * s, 30 * s}))
	})

	it("begins anew after a minute of health, and not before", func() {
		Expect(pauses(&policy{}, 0, 0, time.Minute, 0)).To(Equal([]time.Duration{s, 2 * s, s, 2 * s}))
		Expect(pauses(&policy{}, 0, 0, time.Minute-1, 0)).To(Equal([]time.Duration{s, 2 * s, 4 * s, 8 * s}))
	})

	it("counts to the limit anew after a minute of health", func() {
		Expect(pauses(&policy{limit: 2}, 0, 0, time.Minute, 0, 0)).To(Equal([]time.Duration{s, 2 * s, s, 2 * s, -1}))
		Expect(pauses(&policy{limit: 1}, time.Hour, time.Hour, time.Hour, 0)).To(Equal([]time.Duration{s, s, s, -1}))
	})

	it("never waits longer than thirty seconds or shorter than one, whatever comes", func() {
		for seed := range uint64(200) {
			random := rand.New(rand.NewPCG(seed, 0))
			p := &policy{limit: random.IntN(50)}
			inARow := 0
			for range 1000 {
				health := time.Duration(random.Int64N(int64(62 * s)))
				if random.IntN(3) > 0 {
					health = 0
				}
				pause, again := p.next(health)
				if inARow++; health >= time.Minute {
					inARow = 1
				}
				Expect(again).To(Equal(p.limit == 0 || inARow <= p.limit), "seed %d", seed)
				if !again {
					break
				}
				Expect(pause).To(And(BeNumerically(">=", s), BeNumerically("<=", 30*s)), "seed %d", seed)
				Expect(pause == s).To(Equal(inARow == 1), "seed %d", seed)
			}
		}
	})

	it("counts as far as it has to", func() {
		p := &policy{}
		pauses(p, make([]time.Duration, 100)...)
		p.count = 1<<62 - 1
		Expect(pauses(p, 0, 0)).To(Equal([]time.Duration{30 * s, 30 * s}))
	})

	context("failure cases", func() {
		it("says why it is too late for a start, and prints no negative time", func() {
			Expect(whyTooLate(2*s, s)).To(Equal("since that would be in 2s, and it is to end in 1s at the latest, as the app's instance does"))
			for _, left := range []time.Duration{0, -time.Millisecond, -time.Hour, time.Microsecond} {
				Expect(whyTooLate(s, left)).To(Equal("since the app's instance ends"), "%s", left)
			}
			Expect(whyTooLate(-time.Millisecond, s)).NotTo(ContainSubstring("-"))
		})

		it("ends at the limit", func() {
			Expect(pauses(&policy{limit: 1}, 0, 0, 0)).To(Equal([]time.Duration{s, -1, -1}))
		})
	})
}
