package env_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
)

func TestEnv(t *testing.T) {
	suite := spec.New("env", spec.Report(report.Terminal{}))
	suite("Expand", testExpand)
	suite("Lookup", testLookup)
	suite("Split", testSplit)
	suite.Run(t)
}

func testLookup(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	list := []string{"A=1", "AB=2", "A=3=4", "EMPTY=", "NOTHING", "=x"}

	it("is the last value of exactly that name", func() {
		Expect(env.Get(list, "A")).To(Equal("3=4"))
		Expect(env.Get(list, "AB")).To(Equal("2"))
		Expect(env.Get(list[:1], "AB")).To(BeEmpty())
	})

	it("tells a variable that is empty from one that is not set", func() {
		value, set := env.Lookup(list, "EMPTY")
		Expect(value).To(BeEmpty())
		Expect(set).To(BeTrue())
		for _, name := range []string{"NOTHING", "", "B"} {
			_, set := env.Lookup(list, name)
			Expect(set).To(BeFalse(), name)
		}
	})
}
