package render_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/BurntSushi/toml"
	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
)

// testCatalog renders the files of the buildpack's own sidecars.
func testCatalog(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("takes passwords and tokens as they are, though they look like JSON", func() {
		var catalog struct {
			Metadata struct {
				Sidecars []struct {
					Name  string            `toml:"name"`
					Files map[string]string `toml:"files"`
				} `toml:"sidecars"`
			} `toml:"metadata"`
		}
		_, err := toml.DecodeFile("../../buildpack.toml", &catalog)
		Expect(err).NotTo(HaveOccurred())
		templates := map[string]string{}
		for _, sidecar := range catalog.Metadata.Sidecars {
			for path, template := range sidecar.Files {
				templates[sidecar.Name+"/"+path] = template
			}
		}

		const secret = `{"b":"true","a":[1]}`
		quoted, err := json.Marshal(secret)
		Expect(err).NotTo(HaveOccurred())
		inHeader, err := json.Marshal("ApiKey " + secret)
		Expect(err).NotTo(HaveOccurred())
		for _, form := range forms {
			for _, file := range []struct{ service, path, key, shown string }{
				{"oauth2-proxy", "client-id", "client_id", secret},
				{"oauth2-proxy", "client-secret", "client_secret", secret},
				{"opa", "token", "token", secret},
				{"otel-collector", "service.yaml", "api_key", "Authorization: " + string(inHeader)},
				{"otel-collector", "service.yaml", "license_key", "api-key: " + string(quoted)},
			} {
				p := newPlace(t)
				p.bind(form, fmt.Sprintf(`{"user-provided": [{"name": %q, "credentials": {%q: %s, "endpoint": "https://otlp.example"}}]}`, file.service, file.key, quoted))
				template, found := templates[file.service+"/"+file.path]
				Expect(found).To(BeTrue(), file.path)
				p.start(render.Spec{Files: []render.File{inline("f", template)}})
				Expect(p.read("f")).To(ContainSubstring(file.shown), "%s, %s", form, file.path)
			}
		}
	})
}
