package manifest

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

func testRuby(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	numbers := map[float64]string{
		0: "0.0", 1: "1.0", -1.5: "-1.5", 0.1: "0.1", 0.0001: "0.0001", 0.00001: "1.0e-05", 1.25e-10: "1.25e-10",
		1e14: "100000000000000.0", 999999999999999: "999999999999999.0", 1e15: "1.0e+15", 9999999999999998: "9.999999999999998e+15", 1234567890123456.7: "1234567890123456.8", 1e16: "1.0e+16", 1.5e16: "1.5e+16", 123456789.125: "123456789.125", 1e100: "1.0e+100",
	}
	for number, text := range testtable.Sorted(numbers) {
		it("writes a number as "+text, func() {
			Expect(floatText(number)).To(Equal(text))
		})
	}

	texts := map[string]string{
		"a": `"a"`, "a\"b\\c": `"a\"b\\c"`, "\a\b\t\n\v\f\r\x1b": `"\a\b\t\n\v\f\r\e"`, "\x00\x7f": `"\u0000\u007F"`,
		"#{x} #$y #@z # w": `"\#{x} \#$y \#@z # w"`, "äß日🚀": `"äß日🚀"`, "\u200b": "\"\u200b\"", "\ue000": "\"\ue000\"", "\U000f0000": "\"\U000f0000\"", "\u0378": `"\u0378"`,
	}
	for name, shown := range testtable.Sorted(map[string]string{
		"a": ":a", "a?": ":a?", "a b": `:"a b"`, "-": ":-", "[]=": ":[]=", "==": ":==", "=": `:"="`, "1": `:"1"`,
	}) {
		it("shows a key as "+shown, func() {
			Expect(inspectSymbol(name)).To(Equal(shown))
		})
	}

	for _, plain := range named(texts) {
		it("shows a text as "+texts[plain], func() {
			Expect(inspectText(plain)).To(Equal(texts[plain]))
		})
	}
}

func testKeys(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	for _, key := range []string{
		"health-check-type", "health_check_type", "healthCheckType", "HealthCheckType", "HEALTH-CHECK-TYPE", "Health-Check-Type", "Health_CheckType",
	} {
		it("takes "+key+" for health_check_type", func() {
			Expect(underscore(key)).To(Equal("health_check_type"))
		})
	}

	others := map[string]string{"HTTPEndpoint": "http_endpoint", "aBC": "a_bc", "A1B": "a1_b", "X::Y": "x/y", "memory_": "memory_", "Ünder": "ünder"}
	for _, key := range named(others) {
		it("takes "+key+" for "+others[key], func() {
			Expect(underscore(key)).To(Equal(others[key]))
		})
	}
}
