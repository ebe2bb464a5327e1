package testtable_test

import (
	"strconv"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

// ran are the keys of the specs below that have run.
var ran = map[string]bool{}

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
		it("makes each spec once: "+key, func() {
			Expect(t.Name()).To(HaveSuffix("_" + value))
			Expect(ran).NotTo(HaveKey(value))
			ran[value] = true
		})
	}
}
