package family_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
)

func testLanguage(t *testing.T, _ spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("knows Cloud Foundry's language buildpacks by what they are called, and no others", func() {
		for name, language := range map[string]string{
			"java_buildpack": "java", "sap_java_buildpack": "java", "my-dotnet-core-buildpack": "dotnet-core", "java_buildpack_offline": "java", "dotnet_core_buildpack": "dotnet-core",
			"r_buildpack": "r", "../nodejs-buildpack": "nodejs", "/tmp/ruby_buildpack-cached-cflinuxfs4-v1.10.zip": "ruby", "GO_BUILDPACK": "go",
			"https://github.com/cloudfoundry/java-buildpack.git#v5.0.1": "java", "https://user:secret@example.com/a/python-buildpack.zip?token=x": "python",
			"": "", "java": "", "myjava_buildpack": "", "java-to-elsewhere-buildpack": "", "-buildpack": "", "sidecar_buildpack": "", "my-java": "", "javascript_buildpack": "", "datadog-buildpack": "", "https://example.com/": "", "#java_buildpack": "",
		} {
			Expect(family.LanguageOf(name)).To(Equal(language), name)
			Expect(family.IsLanguage(language)).To(Equal(language != ""))
		}
	})
}
