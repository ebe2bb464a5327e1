package buildpack_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/buildpack"
)

func testUnpublished(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *staging
		server *httptest.Server
	)

	it.Before(func() {
		s = stage(t)
		server = httptest.NewServer(http.NotFoundHandler())
		t.Cleanup(server.Close)
		s.write("app/sidecars.yml", "- name: otel-collector\n")
	})

	// supply stages an app whose collector comes from a release of a project with a home page.
	supply := func(homepage, release string) string {
		t.Helper()
		for name, change := range map[string][2]string{
			"buildpack.toml": {"name = \"Sidecar Buildpack\"", "name = \"Sidecar Buildpack\"\nhomepage = \"" + homepage + "\""},
			"manifest.yml":   {"https://127.0.0.1:1/otel", release + "/v1/otel"},
		} {
			content, err := os.ReadFile(filepath.Join("..", "cmd", "internal", "testdata", "buildpack", name))
			Expect(err).NotTo(HaveOccurred())
			changed := strings.Replace(string(content), change[0], change[1], 1)
			Expect(changed).NotTo(Equal(string(content)))
			Expect(os.Remove(s.path(name))).To(Succeed())
			s.write(name, changed)
		}
		s.stdout.Reset()
		Expect(buildpack.Supply([]string{s.path("programs/supply"), s.path("app"), s.path("cache"), s.path("deps"), "0"}, []string{"CF_STACK=cflinuxfs4"}, &s.stdout, &s.stderr)).To(Equal(225))
		return strings.Join(strings.Fields(s.stdout.String()), " ")
	}

	context("failure cases", func() {
		it("says how to have what a release would bring that is not published", func() {
			Expect(supply(server.URL+"/project/", server.URL+"/project/releases/download")).To(MatchRegexp(
				`404 Not Found.*\. It comes with a release of the buildpack, which may not be published yet\. In a checkout of http://127\.0\.0\.1:\d+/project, \./scripts/dependencies\.sh otel-collector builds it; ` +
					`then push with --env BP_DEPENDENCY_MIRROR_127_0_0_1=file://CHECKOUT/\.build/dependencies,skip-path=/project/releases/download/v1 where CHECKOUT is its path\. ` +
					`For Cloud Foundry, \./scripts/package\.sh --version VERSION --cached packs it into the buildpack`))
		})

		it("says nothing of it where the package is another project's", func() {
			Expect(supply(server.URL+"/project", server.URL+"/other/releases/download")).NotTo(ContainSubstring("scripts/"))
		})
	})
}
