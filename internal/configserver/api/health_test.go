package api_test

import (
	"errors"
	"net/http"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testHealth(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
	)

	it("is 503 until the first answer, then 200, and says how the source is", func() {
		source := &scripted{err: errors.New("401: expected another token")}
		server := start(t, source)
		defer server.stop()
		Eventually(func() string {
			response, body := server.get("/health")
			Expect(response.StatusCode).To(Equal(http.StatusServiceUnavailable))
			return body
		}, patient).Should(Equal(`{"status":"STARTING","sources":[{"name":"git","state":"waiting","age":0,"error":"401: expected another token"}]}`))
		for _, path := range []string{"/config", "/config/a", "/shop/default", "/other/default"} {
			response, body := server.get(path)
			Expect(response.StatusCode).To(Equal(http.StatusServiceUnavailable), path)
			Expect(response.Header.Get("Retry-After")).To(Equal("1"))
			Expect(body).To(Equal("503 service unavailable: no source has given this configuration yet: see /health\n"))
		}

		source.says(map[string]any{"a": "s3cret"})
		server.ready()
		_, body := server.get("/health")
		Expect(body).To(Equal(`{"status":"UP","sources":[{"name":"git","state":"current","age":0}]}`))

		source.says(map[string]any{"a": "s3cret", "a..b": "s3cret", "b": "s3cret ${b}"})
		Eventually(func() string {
			_, body := server.get("/health")
			return body
		}, patient).Should(Equal(`{"status":"UP","sources":[{"name":"git","state":"current","age":0}],"omitted":[` +
			`{"key":"a..b","reason":"it is neither a name nor an item of a list"},{"key":"b","reason":"its placeholder ${…} refers to itself"}]}`))

		source.fails(errors.New("connection refused"))
		Eventually(func() string {
			response, body := server.get("/health")
			Expect(response.StatusCode).To(Equal(http.StatusOK))
			return body
		}, patient).Should(MatchRegexp(`^{"status":"UP","sources":\[{"name":"git","state":"outdated","age":\d+,"error":"connection refused"}\],"omitted":.*}$`))
		response, body := server.get("/config")
		Expect(response.Header.Get("Config-State")).To(Equal("outdated"))
		Expect(body).To(Equal(`{"a":"s3cret"}` + "\n"))
	})
}
