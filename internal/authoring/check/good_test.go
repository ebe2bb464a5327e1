package check_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check"
)

func testGood(t *testing.T, _ spec.G, it spec.S) {
	it("finds nothing in a buildpack that keeps the rules", func() {
		NewWithT(t).Expect(checked(t, goodBuildpack(t).directory, nil)).To(BeEmpty())
	})

	it("finds nothing in a package that a profile has left dependencies out of", func() {
		b := goodBuildpack(t)
		b.replace("manifest.yml", "dependencies:\n- name: agent\n  version: 1.2.3\n", "dependencies:\n- name: other\n  file: dependencies/other\n  version: 1.2.3\n")
		b.replace("manifest.yml", "exclude: [agent]", "exclude: [agent, gone]")
		NewWithT(t).Expect(checked(t, b.directory, func(o *check.Options) { o.Static = true })).To(BeEmpty())
	})
}
