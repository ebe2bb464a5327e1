package environment_test

import (
	"encoding/json"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

func TestEnvironment(t *testing.T) {
	suite := spec.New("environment", spec.Report(report.Terminal{}))
	suite("Flatten", testFlatten)
	suite("JSON", testJSON)
	suite.Run(t)
}

func testFlatten(t *testing.T, context spec.G, it spec.S) {
	Expect := NewWithT(t).Expect

	it("has the keys and values of Spring's YamlProcessor", func() {
		flat, err := environment.Flatten(map[string]any{
			"server": map[string]any{"port": json.Number("8080"), "ssl": map[string]any{"enabled": false}},
			"users":  []any{map[string]any{"name": "a"}, "b", []any{"c"}},
			"none":   nil, "list": []any{}, "object": map[string]any{},
			"a.b": map[string]any{"[c/d]": "e", "f g": "h"}, "text": "",
		})
		Expect(err).NotTo(HaveOccurred())
		Expect(flat).To(Equal(map[string]any{
			"server.port": json.Number("8080"), "server.ssl.enabled": false,
			"users[0].name": "a", "users[1]": "b", "users[2][0]": "c",
			"none": "", "list": "",
			"a.b[c/d]": "e", "a.b.f g": "h", "text": "",
		}))
	})

	context("failure cases", func() {
		long := strings.Repeat("k", 1<<20)
		many := make([]any, 1<<16)
		for i := range many {
			many[i] = true
		}
		for name, object := range testtable.Sorted(map[string]map[string]any{
			"a long key of many values": {long: many},
			"long keys in each other":   {long: map[string]any{long: map[string]any{long: many}}},
			"long text":                 {"a": strings.Repeat("x", environment.MaxBytes)},
		}) {
			it("refuses what would take more memory than is there: "+name, func() {
				_, err := environment.Flatten(object)
				Expect(err).To(MatchError("larger than 2 MB with each key in full"))
			})
		}
	})
}
