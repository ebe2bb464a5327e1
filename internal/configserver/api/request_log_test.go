package api_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/sclevine/spec"
)

func testRequestLog(t *testing.T, context spec.G, it spec.S) {
	Expect := NewWithT(t).Expect

	it("has a line for each of a few requests, and a number of many", func() {
		source := &scripted{}
		source.says(map[string]any{"a": "b"})
		server := start(t, source).ready()
		for range 25 {
			server.get("/config")
		}
		server.stop()
		Expect(server.logs).To(gbytes.Say(`(?s)^(Received a request for config\.\n){10}.*Received 15 more requests for config\.\n`))
	})
}
