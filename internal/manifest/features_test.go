package manifest

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

func testFeatures(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	form := func(features string) bindings.Form {
		t.Helper()
		return oneApp(t, "applications:\n- name: a\n"+features).Services
	}

	it("CF-41: hands services on in the environment without a feature", func() {
		Expect(form("")).To(Equal(bindings.InEnvironment))
		Expect(form("  features: {ssh: true, revisions: false, service-binding-k8s: false, file-based-vcap-services: off}\n")).To(Equal(bindings.InEnvironment))
	})

	it("CF-41: hands services on as the feature says", func() {
		Expect(form("  features: {file-based-vcap-services: true}\n")).To(Equal(bindings.InFile))
		Expect(form("  features: {service-binding-k8s: true, file-based-vcap-services: false}\n")).To(Equal(bindings.InDirectory))
	})

	it("CF-50: reads true as the cf CLI does", func() {
		for _, yes := range []string{"y", "yes", "On", "TRUE"} {
			Expect(form("  features: {file-based-vcap-services: "+yes+"}\n")).To(Equal(bindings.InFile), yes)
		}
	})

	context("failure cases, in Cloud Controller's words", func() {
		const refusal = "Features must be a map of valid feature names to booleans (true = enabled, false = disabled)"
		for _, broken := range [][2]string{
			{"  features:\n", ":3: " + refusal + "; found nothing; expected a mapping such as {file-based-vcap-services: true}"},
			{"  features: {}\n", ":3: " + refusal + "; found a mapping; expected a mapping such as {file-based-vcap-services: true}"},
			{"  features: [ssh]\n", ":3: " + refusal + "; found a list; expected a mapping such as {file-based-vcap-services: true}"},
			{"  features:\n    file_based_vcap_services: true\n", ":4: " + refusal +
				`; found the feature "file_based_vcap_services"; expected one of ssh, revisions, service-binding-k8s, file-based-vcap-services`},
			{"  features:\n    ssh: 'true'\n", ":4: " + refusal + `; found "true"; expected true or false, without quotes`},
			{"  features:\n    ssh: 1\n", ":4: " + refusal + `; found the number 1; expected true or false, without quotes`},
			{"  features: {file-based-vcap-services: true, service-binding-k8s: true}\n",
				":3: 'file-based-vcap-services' and 'service-binding-k8s' features cannot be enabled at the same time."},
		} {
			it("refuses"+broken[0], func() {
				_, err := parseManifest(t, "applications:\n- name: a\n"+broken[0])
				Expect(err).To(MatchError("manifest.yml" + broken[1]))
			})
		}
	})
}
