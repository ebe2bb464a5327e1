package springlayout_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
)

// testRecorded asks the real server whether testdata/spring.jsonl is what it answers.
func testRecorded(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("has the recorded answers of the real Spring Cloud Config Server", func() {
		repository := springtest.NewRepository(t)
		Expect(os.CopyFS(repository.Directory, os.DirFS("testdata/corpus"))).To(Succeed())
		repository.Commit(nil)
		repository.Git("branch", "master") // if main fails, the server tries this branch, and reports its error
		// Documents of files with several have the directory of the server's clone in their names.
		clone := regexp.MustCompile(`(file \[).*?/clone/`)
		servers := map[string]*springtest.Server{}
		for _, expected := range recorded() {
			paths := strings.Join(expected.SearchPaths, ",")
			if servers[paths] == nil {
				servers[paths] = springtest.Start(t, springtest.Options{Repository: repository.Directory, SearchPaths: expected.SearchPaths})
			}
			address := servers[paths].URL + "/" + url.PathEscape(strings.ReplaceAll(expected.Application, "/", "(_)")) + "/" + url.PathEscape(expected.Profiles)
			response, err := http.Get(address)
			Expect(err).NotTo(HaveOccurred())
			body, err := io.ReadAll(response.Body)
			Expect(err).NotTo(HaveOccurred())
			Expect(response.Body.Close()).To(Succeed())
			Expect(response.StatusCode).To(Equal(expected.Status), address)
			if expected.Status != http.StatusOK {
				continue
			}
			text := strings.ReplaceAll(string(body), repository.Directory+"/", "URI/")
			var answered struct{ PropertySources []environment.PropertySource }
			Expect(json.Unmarshal([]byte(clone.ReplaceAllString(text, "${1}DIR/")), &answered)).To(Succeed())
			Expect(shown(answered.PropertySources)).To(Equal(shown(expected.PropertySources)), address)
		}
	})
}
