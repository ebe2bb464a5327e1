package springapi_test

import (
	"net/http/httptest"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springapi"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

// The expected answers are those of Spring Cloud Config Server 5.0.6.
func testAccept(t *testing.T, context spec.G, it spec.S) {
	const v2 = "application/vnd.spring-cloud.config-server.v2+json"

	for accept, expected := range testtable.Sorted(map[string]string{
		"": "application/json", "*/*": "application/json", "application/*": "application/json", "application/json": "application/json",
		"text/html,application/xml;q=0.9,*/*;q=0.8": "application/json", v2: v2, "application/*+json": v2, v2 + ", application/json": v2,
		"application/json, " + v2: "application/json", "application/json;q=0.1, " + v2: v2,
		"*/*, " + v2: v2, v2 + ";q=0.5, */*": "application/json", "application/json;q=0.5, application/*+json": v2, v2 + ";charset=utf-8": v2 + ";charset=utf-8",
		"application/json;charset=utf-16": "406 ", "application/json;charset=utf-16, */*;q=0.1": "application/json",
		"text/plain": "406 ", "garbage": "406 ", "application/vnd.spring-cloud.config-server.v1+json": "406 application/vnd.spring-cloud.config-server.v1+json",
	}) {
		it("negotiates the media type of an environment, for Accept: "+accept, func() {
			Expect := NewWithT(t).Expect
			request := httptest.NewRequest("GET", "/app/dev", nil)
			if accept != "" {
				request.Header.Set("Accept", accept)
			}
			route, err := springapi.Parse(request)
			if err != nil {
				response := httptest.NewRecorder()
				springapi.WriteError(response, request, err, time.Now())
				Expect(response.Result().Status[:4] + response.Header().Get("Content-Type")).To(Equal(expected))
				return
			}
			_, contentType, err := route.Render(environment.Environment{})
			Expect(err).NotTo(HaveOccurred())
			Expect(contentType).To(Equal(expected))
		})
	}

	it("rejects the paths that Spring's firewall rejects", func() {
		Expect := NewWithT(t).Expect
		for _, path := range []string{"/app;x=1/dev", "/app%2Fx/dev", "/app%5cx/dev", "/%2e%2e/dev", "//app/dev", "/app//dev", "/app/x%0Ay", "/app/dev%3bx", "/a%2Eb/dev", "/a%25b/dev", "/a%E2%80%A8b/dev", "/a%FFb/dev"} {
			_, err := springapi.Parse(httptest.NewRequest("GET", path, nil))
			Expect(err).To(MatchError("400 Bad Request"), path)
		}
	})
}
