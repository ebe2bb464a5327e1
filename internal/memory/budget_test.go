package memory_test

import (
	"math"
	"math/big"
	"testing"
	"testing/quick"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
)

func testBudget(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("CF-22 leaves the app what the sidecars do not reserve", func() {
		budget := memory.Budget{Process: 1024, Sidecars: []memory.Size{128, 0, 128}}
		Expect(budget.Reserved()).To(Equal(memory.Size(256)))
		Expect(budget.AppLimit()).To(Equal(memory.Size(768)))
	})

	it("CF-23 tells a sidecar its own share, or all of the process's memory", func() {
		budget := memory.Budget{Process: 1024, Sidecars: []memory.Size{128, 0}}
		Expect(budget.SidecarLimit(128)).To(Equal(memory.Size(128)))
		Expect(budget.SidecarLimit(0)).To(Equal(memory.Size(1024)))
	})

	it("CF-33 fits where the shares stay below the process's memory", func() {
		Expect(memory.Budget{Process: 256, Sidecars: []memory.Size{128, 127}}.Fits()).To(BeTrue())
		Expect(memory.Budget{Process: 1}.Fits()).To(BeTrue())
		Expect(memory.Budget{Process: 1, Sidecars: []memory.Size{0, 0}}.Fits()).To(BeTrue())
	})

	it("CF-22 leaves more than nothing wherever the budget fits", func() {
		Expect(quick.Check(func(process uint16, shares []uint16) bool {
			budget := memory.Budget{Process: memory.Size(process)}
			for _, share := range shares {
				budget.Sidecars = append(budget.Sidecars, memory.Size(share)/16)
			}
			return budget.Fits() == (budget.AppLimit() > 0) && budget.AppLimit()+budget.Reserved() == budget.Process
		}, nil)).To(Succeed())
	})

	it("does not overflow, whatever it is made of", func() {
		Expect(quick.Check(func(process int64, shares []int64) bool {
			budget := memory.Budget{Process: memory.Size(process)}
			exact := new(big.Int)
			for _, share := range shares {
				budget.Sidecars = append(budget.Sidecars, memory.Size(share&math.MaxInt64))
				exact.Add(exact, big.NewInt(share&math.MaxInt64))
			}
			if !exact.IsInt64() {
				exact.SetInt64(math.MaxInt64)
			}
			return int64(budget.Reserved()) == exact.Int64() && budget.Fits() == (exact.Cmp(big.NewInt(process)) < 0)
		}, nil)).To(Succeed())
	})

	it("CF-37 counts what is below zero as the platform does", func() {
		budget := memory.Budget{Process: 1024, Sidecars: []memory.Size{-5, 100}}
		Expect(budget.Reserved()).To(Equal(memory.Size(95)))
		Expect(budget.AppLimit()).To(Equal(memory.Size(929)))
		least := memory.Budget{Process: math.MaxInt64, Sidecars: []memory.Size{math.MinInt64, math.MinInt64}}
		Expect(least.Reserved()).To(Equal(memory.Size(math.MinInt64)))
		Expect(least.AppLimit()).To(Equal(memory.Size(math.MaxInt64)))
	})

	context("failure cases", func() {
		it("CF-33 does not fit where the shares are equal to the process's memory", func() {
			Expect(memory.Budget{Process: 256, Sidecars: []memory.Size{128, 128}}.Fits()).To(BeFalse())
		})

		it("CF-33 does not fit where the shares are above it", func() {
			Expect(memory.Budget{Process: 256, Sidecars: []memory.Size{512}}.Fits()).To(BeFalse())
			Expect(memory.Budget{Process: 256, Sidecars: []memory.Size{memory.Max, memory.Max, memory.Max}}.Fits()).To(BeFalse())
		})

		it("does not fit into nothing", func() {
			Expect(memory.Budget{}.Fits()).To(BeFalse())
		})
	})
}
