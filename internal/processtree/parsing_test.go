package processtree

import (
	"os"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

// TestParsing has the specs of how files of /proc are read. They are apart from the others, which import
// testmain, and this package with it.
func TestParsing(t *testing.T) {
	suite := spec.New("parsing", spec.Report(report.Terminal{}))
	suite("Parsing", testParsing)
	suite.Run(t)
}

func testParsing(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

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
		it("reads nothing where there are not all fields", func() {
			const whole = "7 (a) S 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 44 0 3"
			process, ok := parse("7", []byte(whole))
			Expect(ok).To(BeTrue())
			Expect(process).To(Equal(Process{Pid: 7, Parent: 1, Start: 44, Resident: 3 * int64(os.Getpagesize())}))
			for _, stat := range []string{"", ")", "7 (a) S 1", whole[:len(whole)-2], "7 (a) S x" + whole[9:], whole[:len(whole)-1] + "x"} {
				_, ok := parse("7", []byte(stat))
				Expect(ok).To(BeFalse(), stat)
			}
		})
	})
}
