package javabuildpack_test

import (
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/javabuildpack"
)

func testProblems(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("has none with what the Java buildpack reads", func() {
		for _, variable := range []string{
			"X=y", "JBP_CONFIG_OPEN_JDK_JRE=", "JBP_CONFIG_OPEN_JDK_JRE={jre: {version: 17.+}}", "JBP_CONFIG_OPEN_JDK_JRE={memory_calculator: }",
			"JBP_CONFIG_ZULU_JRE={memory_calculator: {stack_threads: 40, class_count: 0, headroom: 0, version: 4.+}}",
			"MEMORY_CALCULATOR_STACK_THREADS=40", "MEMORY_CALCULATOR_HEADROOM=0",
		} {
			Expect(javabuildpack.Problems([]string{variable})).To(BeEmpty(), variable)
		}
	})

	const all = "The Java buildpack ignores all that it says of the memory calculator."
	for _, one := range []struct{ variable, problem string }{
		{"JBP_CONFIG_OPEN_JDK_JRE={memory_calculator: {stack_threads: 40}", "JBP_CONFIG_OPEN_JDK_JRE:1: syntax: found "},
		{"JBP_CONFIG_OPEN_JDK_JRE=[memory_calculator: {stack_threads: 40}]", "JBP_CONFIG_OPEN_JDK_JRE: found no mapping; expected a mapping such as {memory_calculator: {stack_threads: 40}}. " + all},
		{"JBP_CONFIG_OPEN_JDK_JRE={memory_calculator: 40}", "JBP_CONFIG_OPEN_JDK_JRE: memory_calculator: found no mapping; expected a mapping such as {memory_calculator: {stack_threads: 40}}. " + all},
		{`JBP_CONFIG_OPEN_JDK_JRE={memory_calculator: {stack_threads: "40"}}`, `JBP_CONFIG_OPEN_JDK_JRE: memory_calculator.stack_threads: found "40"; expected a whole number above 0 without quotes, such as 40. ` + all},
		{"JBP_CONFIG_SAP_MACHINE_JRE={memory_calculator: {stack_threads: forty}}", `JBP_CONFIG_SAP_MACHINE_JRE: memory_calculator.stack_threads: found "forty"; expected a whole number above 0 without quotes, such as 40. ` + all},
		{"JBP_CONFIG_OPEN_JDK_JRE={memory_calculator: {stack_threads: 0}}", "JBP_CONFIG_OPEN_JDK_JRE: memory_calculator.stack_threads: found 0; expected a whole number above 0 without quotes, such as 40. The Java buildpack ignores it."},
		{"JBP_CONFIG_OPEN_JDK_JRE={memory_calculator: {stack_threads: -5}}", "JBP_CONFIG_OPEN_JDK_JRE: memory_calculator.stack_threads: found -5; expected a whole number above 0 without quotes, such as 40. The Java buildpack ignores it."},
		{"JBP_CONFIG_OPEN_JDK_JRE={memory_calculator: {class_count: [1]}}", "JBP_CONFIG_OPEN_JDK_JRE: memory_calculator.class_count: found a list; expected a whole number without quotes, such as 15000. " + all},
		{"JBP_CONFIG_OPEN_JDK_JRE={memory_calculator: {headroom: 5%}}", `JBP_CONFIG_OPEN_JDK_JRE: memory_calculator.headroom: found "5%"; expected a percentage from 0 to 100 without quotes, such as 5. ` + all},
		{"JBP_CONFIG_OPEN_JDK_JRE={memory_calculator: {headroom: 101}}", "JBP_CONFIG_OPEN_JDK_JRE: memory_calculator.headroom: found 101; expected a percentage from 0 to 100 without quotes, such as 5. The memory calculator refuses it, so the app does not start."},
		{"MEMORY_CALCULATOR_STACK_THREADS=forty", `MEMORY_CALCULATOR_STACK_THREADS: found "forty"; expected a whole number above 0, such as 40. The Java buildpack ignores it.`},
		{"MEMORY_CALCULATOR_STACK_THREADS=0", `MEMORY_CALCULATOR_STACK_THREADS: found "0"; expected a whole number above 0, such as 40. The memory calculator refuses it, so the app does not start.`},
		{"MEMORY_CALCULATOR_HEADROOM=-1", `MEMORY_CALCULATOR_HEADROOM: found "-1"; expected a percentage from 0 to 100. The Java buildpack ignores it.`},
	} {
		it("says what is wrong with "+one.variable+", and what comes of it", func() {
			Expect(javabuildpack.Problems([]string{one.variable})).To(ConsistOf(HavePrefix(one.problem)))
		})
	}

	it("expects the Java buildpack to read nothing of a variable with one value of another kind", func() {
		Expect(javabuildpack.Estimate(fstest.MapFS{}, []string{"JBP_CONFIG_OPEN_JDK_JRE={memory_calculator: {stack_threads: forty, headroom: 50}}"})).To(Equal(
			javabuildpack.Calculator{Classes: 14775, Threads: 250}))
	})
}
