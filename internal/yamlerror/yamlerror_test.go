package yamlerror_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
	yamlv2 "gopkg.in/yaml.v2"
	yamlv3 "gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlerror"
)

func TestYAMLError(t *testing.T) {
	suite := spec.New("yamlerror", spec.Report(report.Terminal{}))
	suite("Wrap", testWrap)
	suite.Run(t)
}

func testWrap(t *testing.T, context spec.G, it spec.S) {
	Expect := NewWithT(t).Expect

	type document struct {
		Text   string
		Number int
		Truth  bool
		List   []string
		Map    map[string]string
		Ratio  float64
	}

	for _, wrong := range []struct{ content, message string }{
		{"- a", "f:1: found a list; expected a mapping"},
		{"s3cret", "f:1: found the text `…`; expected a mapping"},
		{"\nnumber: 256M", "f:2: found the text `256M`; expected a whole number"},
		{"number: s3cret", "f:1: found the text `…`; expected a whole number"},
		{"text: {a: b}", "f:1: found a mapping; expected text"},
		{"list: 7", "f:1: found the number `7`; expected a list"},
		{"map: true\ntruth: [a]", "f:1: found the boolean `…`; expected a mapping\nf:2: found a list; expected true or false"},
		{"ratio: [1]", "f:1: found a list; expected a number"},
		{"a: [", "f:1: syntax: found what no YAML parser can read (did not find expected node content); expected YAML"},
		{"a: b\n\tc: d", "f:2: syntax: found what no YAML parser can read (found a tab character that violates indentation); expected YAML"},
		{"a: b\nc: *s3cret", "f:2: syntax: found what no YAML parser can read (unknown anchor '…' referenced); expected YAML"},
		{"a: b\nc: [d\n", "f:2: syntax: found what no YAML parser can read (did not find expected ',' or ']'); expected YAML"},
	} {
		it("explains "+wrong.content, func() {
			for _, unmarshal := range []func([]byte, any) error{
				yamlv3.Unmarshal, func(content []byte, into any) error { return yamlv2.Unmarshal(content, into) },
			} {
				var into document
				err := unmarshal([]byte(wrong.content), &into)
				Expect(err).To(HaveOccurred())
				Expect(yamlerror.Wrap("f", []byte(wrong.content), err)).To(MatchError(wrong.message))
			}
		})
	}

	it("names the line alone where the document has no name", func() {
		var into map[string]string
		content := []byte("a: b\nc: []")
		Expect(yamlerror.Wrap("", content, yamlv3.Unmarshal(content, &into))).To(MatchError("line 2: found a list; expected text"))
	})
}
