package processtree

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
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
	family := func(root Process) []Process {
		return append(Descendants(All(), root.Pid), root)
	}
	sum := func(all []Process) (sum int64) {
		for _, p := range all {
			sum += p.Resident
		}
		return sum
	}

	it("is what the kernel tells of one process", func() {
		one := start(t, 0, "map", file)
		Expect(Resident([]Process{one})).To(Equal(one.Resident))
		Expect(Resident([]Process{one, {Pid: 1 << 30, Zombie: true}})).To(Equal(one.Resident))
		Expect(Resident(nil)).To(BeZero())
	})

	it("counts once what several of the family share", func() {
		all := family(start(t, 2, "fork", "fork", "map", file))
		Expect(all).To(HaveLen(3))
		other := start(t, 0, "map", file)
		mapping := []Process{all[0], other}
		for _, p := range all {
			if p.Resident > size {
				mapping = []Process{p, other}
			}
		}
		Expect(sum(mapping)).To(BeNumerically(">=", 2*size))
		Expect(Resident(mapping)).To(And(BeNumerically(">=", size), BeNumerically("<", 2*size)))
	})

	it("counts whole what the family shares with others", func() {
		_, _, _ = start(t, 0, "map", file), start(t, 0, "map", file), start(t, 0, "map", file)
		all := family(start(t, 1, "fork", "map", file))
		Expect(all).To(HaveLen(2))
		Expect(Resident(all)).To(And(BeNumerically(">=", size), BeNumerically("<=", sum(all))))
	})

	it("counts what each has written to in a file's memory of its own", func() {
		two := []Process{start(t, 0, "copy", file), start(t, 0, "copy", file)}
		Expect(Resident(two)).To(BeNumerically(">=", 2*size))
	})

	it("works out what is a process's own, and what it shares", func() {
		heap := mapping{resident: 100, proportional: 60, alone: 20, anonymous: 100}
		Expect(heap.own()).To(BeEquivalentTo(60), "shared by fork, so that the others have the rest")
		library := mapping{file: true, resident: 100, proportional: 30, alone: 10}
		Expect(library.own()).To(BeEquivalentTo(10))
		Expect(library.shared()).To(BeEquivalentTo(90))
		data := mapping{file: true, resident: 100, proportional: 80, alone: 70, anonymous: 60}
		Expect(data.own()).To(BeEquivalentTo(70))
		Expect(data.shared()).To(BeEquivalentTo(30))
		forked := mapping{file: true, resident: 100, proportional: 50, anonymous: 100}
		Expect(forked.own()).To(BeEquivalentTo(50))
		Expect(forked.shared()).To(BeZero())
	})

	context("failure cases", func() {
		it("takes a process that the kernel does not let be read as it is", func() {
			one := start(t, 0, "map", file)
			const all = 7 << 30
			Expect(Resident([]Process{one, {Pid: 1 << 30, Resident: all}})).To(And(BeNumerically(">=", all+size), BeNumerically("<=", all+one.Resident)))
		})
	})
}
