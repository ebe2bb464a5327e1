package check_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testGood(t *testing.T, _ spec.G, it spec.S) {
	it("finds nothing in a buildpack that keeps the rules", func() {
		NewWithT(t).Expect(checked(t, goodBuildpack(t).directory, nil)).To(BeEmpty())
	})
}
