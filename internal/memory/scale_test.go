package memory_test

import (
	"math/big"
	"testing"
	"testing/quick"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
)

func testScale(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("shares columns out in proportion", func() {
		Expect(memory.Apportion([]memory.Size{768, 128, 128}, 80)).To(Equal([]int{60, 10, 10}))
		Expect(memory.Apportion([]memory.Size{1, 1, 1}, 10)).To(Equal([]int{4, 3, 3}))
		Expect(memory.Apportion([]memory.Size{memory.Max, memory.Max}, 76)).To(Equal([]int{38, 38}))
	})

	it("gives every size above zero a column, and none to zero", func() {
		Expect(memory.Apportion([]memory.Size{8192, 0, 1, 1}, 20)).To(Equal([]int{18, 0, 1, 1}))
		Expect(memory.Apportion([]memory.Size{0, 0}, 20)).To(Equal([]int{0, 0}))
		Expect(memory.Apportion(nil, 20)).To(BeEmpty())
		Expect(memory.Apportion([]memory.Size{5, 5, 5}, 2)).To(Equal([]int{1, 1, 0}))
	})

	it("comes to the whole, and no part is longer than its share by a column", func() {
		Expect(quick.Check(func(numbers []uint32, width uint8) bool {
			columns := len(numbers) + int(width)
			sizes := make([]memory.Size, len(numbers))
			whole := new(big.Rat)
			for i, number := range numbers {
				sizes[i] = memory.Size(number % 9000)
				whole.Add(whole, new(big.Rat).SetInt64(int64(sizes[i])))
			}
			sum := 0
			for i, part := range memory.Apportion(sizes, columns) {
				sum += part
				if (part > 0) != (sizes[i] > 0) {
					return false
				}
				if part > 1 {
					share := new(big.Rat).SetFrac64(int64(sizes[i])*int64(columns), 1)
					share.Quo(share, whole).Add(share, big.NewRat(1, 1))
					if new(big.Rat).SetInt64(int64(part)).Cmp(share) >= 0 {
						return false
					}
				}
			}
			return whole.Sign() == 0 || sum == columns
		}, &quick.Config{MaxCount: 2000})).To(Succeed())
	})
}
