package environment_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

func testJSON(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("keeps the order of keys, numbers as they are, and null", func() {
		const text = `{"name":"app.yml","source":{"z":1.0E10,"a":"<b>","m":null,"b":123456789012345678901234567890,"c":true}}`
		var source environment.PropertySource
		Expect(json.Unmarshal([]byte(text), &source)).To(Succeed())
		Expect(source.Order).To(Equal([]string{"z", "a", "m", "b", "c"}))
		Expect(source.Source).To(HaveKeyWithValue("z", json.Number("1.0E10")))
		Expect(source.Source).To(HaveKeyWithValue("m", BeNil()))
		var written bytes.Buffer
		Expect(source.WriteJSON(&written)).To(Succeed())
		Expect(strings.ReplaceAll(written.String(), "\n", "")).To(Equal(text))
	})

	it("sorts keys whose order is not known behind the others", func() {
		source := environment.PropertySource{Source: map[string]any{"b": "", "a": "", "c": ""}, Order: []string{"c", "gone", "c"}}
		Expect(source.Keys()).To(Equal([]string{"c", "a", "b"}))
	})

	it("refuses a source that is not an object, and takes one that is missing for an empty one", func() {
		var source environment.PropertySource
		Expect(json.Unmarshal([]byte(`{"name":"a","source":[1]}`), &source)).To(MatchError(ContainSubstring(`the source of "a" is not a JSON object`)))
		for _, text := range []string{`{"name":"a"}`, `{"name":"a","source":null}`, `{"name":"a","source":{}}`} {
			Expect(json.Unmarshal([]byte(text), &source)).To(Succeed())
			Expect(source.Source).To(BeEmpty())
		}
	})
}
