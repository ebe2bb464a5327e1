package yamlbounds_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlbounds"
)

func TestYamlbounds(t *testing.T) {
	suite := spec.New("yamlbounds", spec.Report(report.Terminal{}))
	suite("Excess", testExcess)
	suite.Run(t)
}

func testExcess(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	excess := func(content string, max int) *yaml.Node {
		t.Helper()
		var document yaml.Node
		Expect(yaml.Unmarshal([]byte(content), &document)).To(Succeed())
		return yamlbounds.Excess(&document, max)
	}

	it("counts document, keys and values", func() {
		const content = "a: 1\nb:\n- 2\n- 3\n" // 1 document, 1 mapping, 2 keys, 1 list, 3 numbers
		Expect(excess(content, 8)).To(BeNil())
		Expect(excess(content, 7)).To(HaveField("Line", 4))
		Expect(excess(content, 4)).To(HaveField("Value", "b"))
	})

	it("counts an alias's node once for each alias", func() {
		const content = "- &a [1, 2]\n- *a\n- *a\n" // 2 for the document and its list, 3, and 2 times 4
		Expect(excess(content, 13)).To(BeNil())
		Expect(excess(content, 12)).NotTo(BeNil())
	})

	context("failure cases", func() {
		it("comes to an end where the document has none", func() {
			for _, endless := range []string{"&a [*a]", "- &a {<<: *a}", "&a {? *a : 1}", "- &a {b: [*a, *a]}"} {
				Expect(excess(endless, 1000)).NotTo(BeNil(), endless)
			}
		})

		it("looks at no more than it has to", func() {
			content := "- &l0 [x]\n"
			for i := range 40 { // 2 to the power of 40 values
				content += fmt.Sprintf("- &l%d [%s]\n", i+1, strings.Repeat(fmt.Sprintf("*l%d, ", i), 2))
			}
			Expect(excess(content, 10_000)).NotTo(BeNil())
		})
	})
}
