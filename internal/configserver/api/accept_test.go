package api_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testAccept(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		server *running
	)

	it.Before(func() {
		source := &scripted{}
		source.says(map[string]any{"a": "b"})
		server = start(t, source).ready()
	})

	it.After(func() { server.stop() })

	for _, accept := range []string{
		"application/json", "APPLICATION/JSON; q=1", "application/json, text/plain", "application/json, text/plain, */*", "application/json, */*",
		"text/plain;q=0.5, application/json", "text/plain;q=0.5, application/*;q=0.6", "text/*;q=0.9, application/json;q=0.91", "application/json;charset=utf-8",
		"text/html, application/json;q=0.1", "text/plain;q=0, */*", "nonsense;;;, application/json",
	} {
		it("answers with JSON if a client prefers that: "+accept, func() {
			response, body := server.get("/config/a", "Accept", accept)
			Expect(response.Header.Get("Content-Type")).To(Equal("application/json"))
			Expect(body).To(Equal(`"b"` + "\n"))
		})
	}

	for _, accept := range []string{
		"", "*/*", "text/plain", "text/*", "text/html", "text/plain, application/json", "application/json;q=0, text/plain", "application/json;q=0",
		"application/json;q=0.1, */*", "text/html, */*;q=0.8", "application/json;q=0, */*", "application/json;q=2", "application/json;q=x", "application/xml",
		"application/json;q=0.5, text/plain;q=0.6", "text/*, application/json", "application/vnd.api+json",
	} {
		it("answers with plain text if it does not: "+accept, func() {
			response, body := server.get("/config/a", "Accept", accept)
			Expect(response.Header.Get("Content-Type")).To(Equal("text/plain; charset=utf-8"))
			Expect(body).To(Equal("b"))
		})
	}
}
