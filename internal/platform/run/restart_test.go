package run

import (
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testRestart(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	for _, one := range []struct {
		count crashes
		pause time.Duration
	}{
		{1, 0}, {2, 0}, {3, 30 * time.Second}, {4, time.Minute}, {5, 2 * time.Minute}, {6, 4 * time.Minute}, {7, 8 * time.Minute},
		{8, 16 * time.Minute}, {9, 16 * time.Minute}, {199, 16 * time.Minute},
	} {
		it(fmt.Sprintf("CF-19: starts an instance again %s after crash %d", one.pause, one.count), func() {
			pause, again := one.count.backoff()
			Expect(again).To(BeTrue())
			Expect(pause).To(Equal(one.pause))
		})
	}

	for _, count := range []crashes{200, 201, 1 << 20} {
		it(fmt.Sprintf("CF-19: does not start an instance again after crash %d", count), func() {
			_, again := count.backoff()
			Expect(again).To(BeFalse())
		})
	}

	for _, one := range []struct {
		count   crashes
		running time.Duration
		next    crashes
	}{
		{0, 0, 1}, {1, time.Second, 2}, {7, 5 * time.Minute, 8}, {7, 5*time.Minute + 1, 1}, {7, time.Hour, 1}, {7, 0, 8},
	} {
		it(fmt.Sprintf("CF-19: counts %d after %d and %s of running", one.next, one.count, one.running), func() {
			Expect(one.count.after(one.running)).To(Equal(one.next))
		})
	}
}

func testStart(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect   = NewWithT(t).Expect
		starting *starts
	)

	it.Before(func() {
		web, worker := &instance{}, &instance{}
		web.process.Type, worker.process.Type = "web", "worker"
		starting = newStarts([]*instance{web, web, worker})
	})

	it("fails once all instances of a process type have crashed", func() {
		Expect(starting.failed("web", 1)).To(BeFalse())
		Expect(starting.failed("web", 0)).To(BeTrue())
	})

	it("does not take one that is started again for crashed", func() {
		Expect(starting.failed("web", 1)).To(BeFalse())
		starting.again("web", 1)
		Expect(starting.failed("web", 0)).To(BeFalse())
		Expect(starting.failed("web", 1)).To(BeTrue())
	})

	it("never fails once an instance of the process type has started", func() {
		starting.success("web")
		Expect(starting.failed("web", 0)).To(BeFalse())
		Expect(starting.failed("web", 1)).To(BeFalse())
		Expect(starting.failed("worker", 0)).To(BeTrue())
	})
}
