package render_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
)

// testDocs holds the examples of the documentation to what becomes of them.
func testDocs(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("has examples of templates that become what the page says, in each form of bindings", func() {
		content, err := os.ReadFile("../../docs/bindings.md")
		Expect(err).NotTo(HaveOccurred())
		_, section, found := strings.Cut(string(content), "\n## Templates\n")
		Expect(found).To(BeTrue())
		section, _, _ = strings.Cut(section, "\n## ")
		services := regexp.MustCompile("(?s)```json\n(.*?)```").FindStringSubmatch(section)
		rows := regexp.MustCompile("(?m)^\\| `(.*)` \\| `(.*)` \\|$").FindAllStringSubmatch(section, -1)
		Expect(services).To(HaveLen(2))
		Expect(len(rows)).To(BeNumerically(">", 15))
		for _, form := range forms {
			p := newPlace(t)
			p.bind(form, services[1])
			p.write("app/config/part.yaml", "part: 1")
			p.environ = append(p.environ, "PORT=8080", "CF_INSTANCE_INDEX=0", "CF_INSTANCE_CERT=/etc/cf-instance-credentials/instance.crt", "CF_INSTANCE_KEY=/etc/cf-instance-credentials/instance.key")
			for _, row := range rows {
				template := strings.ReplaceAll(row[1], `\|`, "|")
				p.start(render.Spec{Binding: &bindings.Selector{Any: "apm"}, Memory: 128, Files: []render.File{inline("f", template)}})
				Expect(p.read("f")).To(Equal(row[2]), "%s, %s", form, template)
			}
		}
	})
}
