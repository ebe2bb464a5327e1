package memory_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/quick"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
)

func testPrint(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	sizes := map[memory.Size]string{
		0: "0M", 1: "1M", 1023: "1023M", 1024: "1G", 1536: "1536M", 2048: "2G", 1 << 20: "1T", 3 << 20: "3T", 1<<20 + 1024: "1025G", memory.Max: "2147483647M",
	}
	for _, size := range slices.Sorted(maps.Keys(sizes)) {
		printed := sizes[size]
		it("prints "+printed, func() {
			Expect(size.String()).To(Equal(printed))
		})
	}

	it("CF-22 prints a limit in MB alone", func() {
		Expect(memory.Size(768).EnvString()).To(Equal("768m"))
		Expect(memory.Size(1024).EnvString()).To(Equal("1024m"))
	})

	it("prints what is read back as the same size", func() {
		Expect(quick.Check(func(number uint32, shift uint8) bool {
			size := memory.Size(number) << (shift % 24)
			size %= memory.Max + 1
			for _, printed := range []string{size.String(), size.EnvString(), fmt.Sprint(int64(size)), fmt.Sprintf("%dKiB", int64(size)<<10+1023)} {
				if again, err := memory.Parse(printed); err != nil || again != size {
					return false
				}
			}
			return true
		}, &quick.Config{MaxCount: 5000})).To(Succeed())
	})
}
