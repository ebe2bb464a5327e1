package javabuildpack_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/javabuildpack"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
)

func testWarning(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		small  = javabuildpack.Calculator{Classes: 14810, Threads: 250}
	)

	process := func(size memory.Size, sidecars ...memory.Size) controller.Reservations {
		reserved := controller.Reservations{ProcessType: "web", Process: size}
		for _, s := range sidecars {
			reserved.All = append(reserved.All, controller.Reservation{Sidecar: "agent", Memory: s})
		}
		return reserved
	}

	it("warns of an app that does not start with its sidecars, with the numbers and how to fix it", func() {
		Expect(small.Warning(process(768, 288), nil)).To(Equal(
			"The Java buildpack's memory calculator takes 596M for all but the heap (direct memory 10M + metaspace 96M + code cache 240M + stacks of 250 threads 250M), " +
				"and the app of the process web has 480M of its 768M, since its sidecars reserve 288M (agent 288M), so it does not start. " +
				"Give the process more memory, let its sidecars reserve less, or plan for fewer threads: " +
				"with JBP_CONFIG_OPEN_JDK_JRE: '{memory_calculator: {stack_threads: 40}}' in its environment and a restage, the calculator takes 386M."))
		_, err := calculate(t, small, 768-288)
		Expect(err).To(MatchError(ContainSubstring("is greater than 480M available for allocation")), "the calculator agrees")
	})

	it("warns of a heap in which nothing fits", func() {
		Expect(small.Warning(process(609), nil)).To(And(ContainSubstring("and the app of the process web has 609M, so its heap has 13M. Give the process more memory, or plan")))
	})

	it("says nothing of an app with a heap to work with, and where the platform refuses the sidecars anyway", func() {
		Expect(small.Warning(process(1024, 288), nil)).To(BeEmpty())
		Expect(small.Warning(process(512, 512), nil)).To(BeEmpty())
	})

	it("counts what the options state", func() {
		slim := small
		slim.Options = "-Xss256k -XX:ReservedCodeCacheSize=64M"
		Expect(slim.Warning(process(768, 288), nil)).To(BeEmpty())
		fixed := small
		fixed.Options = "-Xmx512M"
		Expect(fixed.Warning(process(1024), nil)).To(ContainSubstring("takes 1108M for all regions (direct memory 10M + metaspace 96M + code cache 240M + stacks of 250 threads 250M + heap 512M), " +
			"and the app of the process web has 1G, so it does not start."))
		Expect(fixed.Warning(process(1152), nil)).To(BeEmpty(), "who states a heap of 512M knows it")
	})

	it("names the variable of the JRE that the app has chosen, and no fewer threads than there are", func() {
		Expect(small.Warning(process(512), []string{"JBP_CONFIG_SAP_MACHINE_JRE={}"})).To(ContainSubstring("with JBP_CONFIG_SAP_MACHINE_JRE: "))
		few := javabuildpack.Calculator{Classes: 14810, Threads: 40, HeadRoom: 10}
		Expect(few.Warning(process(400, 32), nil)).To(And(ContainSubstring("+ headroom 37M"), HaveSuffix("so it does not start. Give the process more memory, or let its sidecars reserve less.")))
	})

	it("says how much memory the process needs at least", func() {
		Expect(small.Minimum(process(1024, 288))).To(Equal("The Java buildpack's memory calculator takes 596M for all but the heap (direct memory 10M + metaspace 96M + code cache 240M + stacks of 250 threads 250M); " +
			"with sidecars that reserve 288M (agent 288M), an app starts in a process web of more than 884M alone."))
	})
}
