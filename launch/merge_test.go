package launch_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"code.cloudfoundry.org/buildpackapplifecycle/buildpackrunner/resources"
	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

func testMerge(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("CF-07 replaces an entry of the same type in its position, and appends a new one", func() {
		earlier := []launch.Process{{Type: "web", Command: "one"}, {Type: "config server", Command: "two", SidecarFor: []string{"web"}}}
		Expect(launch.Merge(earlier, []launch.Process{{Type: "worker", Command: "three"}, {Type: "web", Command: "four"}})).To(Equal([]launch.Process{
			{Type: "web", Command: "four"},
			{Type: "config server", Command: "two", SidecarFor: []string{"web"}},
			{Type: "worker", Command: "three"},
		}))
		Expect(earlier[0].Command).To(Equal("one"), "what was merged into must stay as it was")
	})

	it("CF-07 lets a sidecar and a process of one type replace each other", func() {
		process := []launch.Process{{Type: "web", Command: "app"}}
		named := []launch.Process{{Type: "web", Command: "sidecar", SidecarFor: []string{"worker"}}}
		Expect(launch.Merge(process, named)).To(Equal(named))
		Expect(launch.Merge(named, process)).To(Equal(process))
	})

	it("CF-08 keeps both of two entries of one type in one file", func() {
		twice := []launch.Process{{Type: "a", Command: "one"}, {Type: "a", Command: "two"}}
		Expect(launch.Merge(nil, twice)).To(Equal(twice))
	})

	it("CF-07, CF-08 merges anything as the lifecycle does", func() {
		random := rand.New(rand.NewPCG(7, 8))
		for range 3000 {
			earlier, later := randomProcesses(random), randomProcesses(random)
			expected := fromLifecycle(resources.MergeProcesses(toLifecycle(earlier), toLifecycle(later)))
			Expect(launch.Merge(slices.Clone(earlier), later)).To(Equal(expected), "%v and %v", earlier, later)
		}
	})
}

// randomProcesses are few enough in type to be the same often.
func randomProcesses(random *rand.Rand) []launch.Process {
	var processes []launch.Process
	for range random.IntN(6) {
		p := launch.Process{Type: []string{"web", "worker", "a b", ""}[random.IntN(4)], Command: strconv.Itoa(random.IntN(100)), Memory: random.IntN(3)}
		if random.IntN(2) == 0 {
			p.SidecarFor = []string{"web"}
		}
		processes = append(processes, p)
	}
	return processes
}
