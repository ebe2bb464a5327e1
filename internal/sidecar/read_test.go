package sidecar_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// read resolves the content of a sidecars.yml alone.
func read(content string, environ ...string) ([]sidecar.Definition, error) {
	definitions, _, err := sidecar.Resolve(sidecar.Request{
		Sources: []sidecar.Source{{Name: "sidecars.yml", Content: []byte(content)}}, Environ: environ,
	})
	return definitions, err
}

// catalog parses a buildpack.toml that is in order.
func catalog(t *testing.T, content string) sidecar.Catalog {
	t.Helper()
	parsed, err := sidecar.ParseCatalog(sidecar.Source{Name: "buildpack.toml", Content: []byte(content)})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return parsed
}
