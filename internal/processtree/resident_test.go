package processtree_test

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
)

func testResident(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		file   string
	)
	const size = 64 << 20

	it.Before(func() {
		file = filepath.Join(t.TempDir(), "file")
		Expect(os.WriteFile(file, make([]byte, size), 0o600)).To(Succeed())
	})

	// family is a process with all that descends from it.
	family := func(root processtree.Process) []processtree.Process {
		return append(processtree.Descendants(processtree.All(), root.Pid), root)
	}
	sum := func(all []processtree.Process) (sum int64) {
		for _, p := range all {
			sum += p.Resident
		}
		return sum
	}

	it("is what the kernel tells of one process", func() {
		one := start(t, 0, "map", file)
		Expect(processtree.Resident([]processtree.Process{one})).To(Equal(one.Resident))
		Expect(processtree.Resident([]processtree.Process{one, {Pid: 1 << 30, Zombie: true}})).To(Equal(one.Resident))
		Expect(processtree.Resident(nil)).To(BeZero())
	})

	it("counts once what several of the family share", func() {
		all := family(start(t, 2, "fork", "fork", "map", file))
		Expect(all).To(HaveLen(3))
		other := start(t, 0, "map", file)
		mapping := []processtree.Process{all[0], other}
		for _, p := range all {
			if p.Resident > size {
				mapping = []processtree.Process{p, other}
			}
		}
		Expect(sum(mapping)).To(BeNumerically(">=", 2*size))
		Expect(processtree.Resident(mapping)).To(And(BeNumerically(">=", size), BeNumerically("<", 2*size)))
	})

	it("counts whole what the family shares with others", func() {
		_, _, _ = start(t, 0, "map", file), start(t, 0, "map", file), start(t, 0, "map", file)
		all := family(start(t, 1, "fork", "map", file))
		Expect(all).To(HaveLen(2))
		Expect(processtree.Resident(all)).To(And(BeNumerically(">=", size), BeNumerically("<=", sum(all))))
	})

	it("counts what each has written to in a file's memory of its own", func() {
		two := []processtree.Process{start(t, 0, "copy", file), start(t, 0, "copy", file)}
		Expect(processtree.Resident(two)).To(BeNumerically(">=", 2*size))
	})

	context("failure cases", func() {
		it("takes a process that the kernel does not let be read as it is", func() {
			one := start(t, 0, "map", file)
			const all = 7 << 30
			Expect(processtree.Resident([]processtree.Process{one, {Pid: 1 << 30, Resident: all}})).To(And(BeNumerically(">=", all+size), BeNumerically("<=", all+one.Resident)))
		})
	})
}
