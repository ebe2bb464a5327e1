package render

import (
	"math"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testQuote(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	type text string

	it("writes any value of a template on one line", func() {
		for _, c := range []struct {
			value            any
			json, yaml, toml string
		}{
			{"a\n\"b\\\x7f\u0085\u2028é", `"a\n\"b\\` + "\x7f\u0085" + `\u2028é"`, `"a\n\"b\\\x7F\N\Lé"`, `"a\u000A\"b\\\u007F` + "\u0085\u2028é\""},
			{"", `""`, `""`, `""`},
			{"true", `"true"`, `"true"`, `"true"`},
			{text("kind of text"), `"kind of text"`, `"kind of text"`, `"kind of text"`},
			{true, "true", "true", "true"},
			{-5, "-5", "-5", "-5"},
			{uint8(7), "7", "7", "7"},
			{1e30, "1e+30", "1.0e+30", "1e+30"},
			{float32(0.5), "0.5", "0.5", "0.5"},
			{[]string{"a", "b: c"}, `["a","b: c"]`, `["a", "b: c"]`, `["a", "b: c"]`},
			{[]any{}, "[]", "[]", "[]"},
			{map[string]any{"b": []any{1, "x"}, "a.b c": map[string]any{}}, `{"a.b c":{},"b":[1,"x"]}`, `{"a.b c": {}, "b": [1, "x"]}`, `{"a.b c" = {}, "b" = [1, "x"]}`},
			{map[text]bool{"a": false}, `{"a":false}`, `{"a": false}`, `{"a" = false}`},
			{reservation{64}, `"64M"`, `"64M"`, `"64M"`},
		} {
			Expect(toJSON(c.value)).To(Equal(c.json))
			Expect(toYAML(c.value)).To(Equal(c.yaml))
			Expect(toTOML(c.value)).To(Equal(c.toml))
		}
		Expect(toJSON(nil)).To(Equal("null"))
		Expect(toYAML([]any{nil})).To(Equal("[null]"))
	})

	context("failure cases, which quote no value", func() {
		refuse := func(value any, expected string) {
			for _, quote := range []func(any) (string, error){toJSON, toYAML, toTOML} {
				_, err := quote(value)
				Expect(err).To(MatchError(expected))
			}
		}

		it("refuses what no document can hold", func() {
			refuse("s3cret\xff", "found bytes that are not UTF-8; expected text: write them with base64")
			refuse(map[string]any{"s3cret\xff": 1}, "found bytes that are not UTF-8; expected text: write them with base64")
			refuse([]any{[]any{"\xc3"}}, "found bytes that are not UTF-8; expected text: write them with base64")
			refuse(math.NaN(), "found NaN or infinity; expected a finite number")
			refuse(struct{}{}, "found a value of the kind struct; expected text, a number, true or false, a list or an object")
			refuse(map[int]string{1: "s3cret"}, "found keys of the kind int; expected text")
		})

		it("refuses what TOML cannot hold", func() {
			_, err := toTOML([]any{nil})
			Expect(err).To(MatchError("found null; expected a value, as TOML has no null"))
			_, err = toTOML(uint64(math.MaxUint64))
			Expect(err).To(MatchError("found a number that TOML cannot hold; expected an integer of 64 bits or a float"))
		})
	})

	it("has no secret in what is made of a secret, however it is written", func() {
		hiddenValue := hidden(map[string]any{"a": []any{"s3cret", nil, true}})
		for _, quote := range []func(any) (string, error){toJSON, toYAML, toTOML, toText} {
			written, err := quote(secret("s3cret"))
			Expect(err).NotTo(HaveOccurred())
			Expect(strings.Trim(written, `"`)).To(Equal(Mask))
		}
		Expect(toJSON(hiddenValue)).To(Equal(`{"a":["********",null,"********"]}`))
		for _, verb := range []string{"%s", "%v", "%+v", "%#v", "%q", "%x", "%d", "%c", "%t", "%p", "%z", "%[2]s", "% x"} {
			Expect(printHidden(verb, secret("s3cret"))).NotTo(Or(ContainSubstring("s3cret"), ContainSubstring("733363726574")), verb)
		}
	})
}
