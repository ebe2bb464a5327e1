package javabuildpack_test

import (
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/javabuildpack"
)

func testAdvice(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect   = NewWithT(t).Expect
		reserved = controller.Reservations{ProcessType: "web", Process: 768, All: []controller.Reservation{{Sidecar: "agent", Memory: 288}}}
	)

	// advice is the end of the warning for an app with this environment.
	advice := func(environ ...string) string {
		return javabuildpack.Estimate(fstest.MapFS{}, environ).Warning(reserved, environ)
	}

	for _, one := range []struct{ config, advised, takes string }{
		{"", "{memory_calculator: {stack_threads: 40}}", "386M"},
		{"{jre: {version: 17.+}}", "{jre: {version: 17.+}, memory_calculator: {stack_threads: 40}}", "386M"},
		{"{jre: {version: '17.+'}}", `{jre: {version: "17.+"}, memory_calculator: {stack_threads: 40}}`, "386M"},
		{"{memory_calculator: {headroom: 50}}", "{memory_calculator: {headroom: 50, stack_threads: 40}}", "626M"},
		{"{memory_calculator: {stack_threads: 300, class_count: 20000}}", "{memory_calculator: {stack_threads: 40, class_count: 20000}}", "414M"},
		{"{memory_calculator: {stack_threads: '40', headroom: 5}}", "{memory_calculator: {stack_threads: 40, headroom: 5}}", "410M"},
		{"{memory_calculator: }", "{memory_calculator: {stack_threads: 40}}", "386M"},
		{"jre:\n  version: 17.+\n", "{jre: {version: 17.+}, memory_calculator: {stack_threads: 40}}", "386M"},
	} {
		it("keeps what the app has set, and counts it, in "+one.config, func() {
			Expect(advice("JBP_CONFIG_OPEN_JDK_JRE=" + one.config)).To(HaveSuffix("or plan for fewer threads: with JBP_CONFIG_OPEN_JDK_JRE: '" + one.advised +
				"' in its environment and a restage, the calculator takes " + one.takes + "."))
			// The advice must match the values that the calculator then gets.
			after := []string{"JBP_CONFIG_OPEN_JDK_JRE=" + one.advised}
			regions, ok := javabuildpack.Estimate(fstest.MapFS{}, after).Regions(480)
			Expect(ok).To(BeTrue())
			Expect(mebibytes(regions.Sum())).To(Equal(one.takes))
			Expect(javabuildpack.Problems(after)).To(BeEmpty())
		})
	}

	it("shows nothing of a value that may be a secret, and says what to add", func() {
		text := advice("JBP_CONFIG_OPEN_JDK_JRE={jre: {repository_root: 'https://me:hunter2@example.com'}, memory_calculator: {headroom: 50}}")
		Expect(text).To(HaveSuffix("with stack_threads: 40 added to the memory_calculator of JBP_CONFIG_OPEN_JDK_JRE in its environment and a restage, the calculator takes 626M."))
		Expect(text).NotTo(ContainSubstring("hunter2"))
	})

	it("names the variable that outdoes all others", func() {
		Expect(advice("MEMORY_CALCULATOR_STACK_THREADS=200", "JBP_CONFIG_OPEN_JDK_JRE={jre: {version: 17.+}}")).To(
			HaveSuffix("with MEMORY_CALCULATOR_STACK_THREADS: 40 in its environment and a restage, the calculator takes 386M."))
	})

	it("promises no number where the variable has to be mended first", func() {
		for _, config := range []string{"{memory_calculator: {stack_threads: 40}", "[jre]", "{memory_calculator: {headroom: much}}", "{memory_calculator: 40}"} {
			Expect(advice("JBP_CONFIG_OPEN_JDK_JRE="+config)).To(HaveSuffix(
				"or plan for fewer threads: mend JBP_CONFIG_OPEN_JDK_JRE, which the Java buildpack does not read, and state stack_threads: 40 in its memory_calculator."), config)
		}
	})

	it("advises nothing by which the calculator takes more, as what was ignored counts then", func() {
		Expect(advice("JBP_CONFIG_OPEN_JDK_JRE={memory_calculator: {stack_threads: '40', headroom: 60}}")).To(HaveSuffix("Give the process more memory, or let its sidecars reserve less."))
	})

	it("puts an or before the last way out, however many there are", func() {
		Expect(advice("JBP_CONFIG_OPEN_JDK_JRE={memory_calculator: {stack_threads: 10, class_count: 1000000}}")).To(HaveSuffix(
			"Give the process more memory, or let its sidecars reserve less."))
	})
}
