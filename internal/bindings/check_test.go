package bindings_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

func testCheck(t *testing.T, context spec.G, it spec.S) {
	Expect := NewWithT(t).Expect

	it("takes what Cloud Controller presents, and no services at all", func() {
		Expect(bindings.Check([]byte(services))).To(Succeed())
		Expect(bindings.Check([]byte("{}\n"))).To(Succeed())
		Expect(bindings.Check([]byte(`{"a": [{"instance_name": "x"}, {"binding_name": "y"}]}`))).To(Succeed())
	})

	context("failure cases, each with line and column, what was found and what would be right, and never a value", func() {
		const example = `, as in {"user-provided": [{"name": "my-db", "credentials": {"uri": "..."}}]}`
		for _, wrong := range []struct{ content, message string }{
			{"{oops", `1:2: not JSON: found a letter; expected a key in double quotes`},
			{"", `1:1: not JSON: found the end; expected the rest of the JSON`},
			{"{\n  'user-provided': []}", `2:3: not JSON: found '\''; expected a key in double quotes`},
			{`{"a": [{"name": "s3cret",}]}`, `1:26: not JSON: found '}'; expected a key in double quotes`},
			{`{"a": [{"name" "s3cret"}]}`, `1:16: not JSON: found '"'; expected a colon and a value`},
			{`{"a": [{"name": s3cret}]}`, `1:17: not JSON: found a letter; expected a value: an object, a list, text in double quotes, a number, true, false or null`},
			{`{"a": [{"name": "x"} {"name": "y"}]}`, `1:22: not JSON: found '{'; expected a comma and the next value, or ] where the list ends`},
			{`{"a": [{"name": "x" "plan": "y"}]}`, `1:21: not JSON: found '"'; expected a comma and the next key, or } where the object ends`},
			{"{\"a\": [{\"name\": \"s3\ncret\"}]}", `1:20: not JSON: found the end of the line; expected text in which a line feed is written as \n, and a tab as \t`},
			{`{"ä": [{"name": "ü\q"}]}`, `1:20: not JSON: found a letter; expected an escape such as \n, \" or \\`},
			{`{"a": [{"name": "s3cret"`, `1:25: not JSON: found the end; expected the rest of the JSON`},
			{"{}\n\n s3cret", `3:2: not JSON: found a letter; expected nothing behind the end of the object`},

			{`["s3cret"]`, `1:1: the JSON: found a list; expected an object` + example},
			{"\n null", `2:2: the JSON: found null; expected an object` + example},
			{"{\"a\": [],\n \"uri\": \"s3cret\"}", `2:9: a label: found text; expected a list of bindings` + example},
			{`{"uri": "s3cret", "uri": {"s3cret": 1}}`, `1:26: a label: found an object; expected a list of bindings` + example},
			{`{"VCAP_SERVICES": {"a": []}}`, `1:19: a label: found an object; expected the object below this key alone` + example},
			{`{"a": [{"name": "x"}, "s3cret"]}`, `1:23: a binding: found text; expected an object`},
			{`{"a": [{"name": ["s3cret"]}]}`, `1:17: a binding's name: found a list; expected text`},
			{"{\"a\": [{\"name\": \"x\"}],\n\"b\": [{\"name\": \"y\"}, {\"credentials\": {\"p\": \"s3cret\"}}]}", `2:22: a binding: found no name; expected the key "name" with the name of the service`},
			{`{"a": [{"name": " ", "credentials": {}}]}`, `1:8: a binding: found no name; expected the key "name" with the name of the service`},
			{`{"a": [{"name": "x", "tags": ["t", 5]}]}`, `1:36: a binding's tag: found a number; expected text`},
			{`{"a": [{"name": "x", "credentials": "s3cret"}]}`, `1:37: a binding's credentials: found text; expected an object`},
		} {
			it("refuses "+wrong.content, func() {
				Expect(bindings.Check([]byte(wrong.content))).To(MatchError(wrong.message))
			})
		}
	})
}
