package printable_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

func testFullStop(t *testing.T, context spec.G, it spec.S) {
	Expect := NewWithT(t).Expect

	it("ends a text in one full stop, whatever it ends in", func() {
		for _, text := range []string{"It fails", "It fails.", "It fails: ", "It fails.\n", "It fails;", "It fails..."} {
			Expect(printable.WithFullStop(text)).To(Equal("It fails."))
			Expect(printable.Unended(text)).To(Equal("It fails"))
		}
		Expect(printable.WithFullStop("It has 1.5")).To(Equal("It has 1.5."))
	})
}
