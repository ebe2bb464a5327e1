package testtable_test

import (
	"strconv"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

func testSorted(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("goes through a table in the order of its keys, for as long as it is asked to", func() {
		var keys []string
		for key, value := range testtable.Sorted(map[string]int{"c": 3, "a": 1, "d": 4, "b": 2}) {
			keys = append(keys, key+strconv.Itoa(value))
			if key == "c" {
				break
			}
		}
		Expect(keys).To(Equal([]string{"a1", "b2", "c3"}))
	})

	table := map[string]string{}
	for i := range 50 {
		table[strconv.Itoa(i)] = strconv.Itoa(i)
	}
	for key, value := range testtable.Sorted(table) {
		it("runs each spec by its own name: "+key, func() {
			Expect(t.Name()).To(HaveSuffix("_" + value))
		})
	}
}
