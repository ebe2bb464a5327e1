package forms_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/forms"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

// The expected answers are those of Spring Cloud Config Server 5.0.6. The specs of
// internal/configserver/springapi ask such a server, and compare all of them.
func testNesting(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("takes the first source's value for a key, and its place in the last", func() {
		env := sources(t, `{"b":"first","d":1.0E10}`, `{"a":"/","b":"second","c":null}`)
		text, err := forms.JSON(env, true)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(text)).To(Equal(`{"a":"/","b":"first","c":null,"d":1.0E10}`))
		text, err = forms.Properties(env, true)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(text)).To(Equal("a: /\nb: first\nc: null\nd: 1.0E10"))
	})

	for name, object := range testtable.Sorted(map[string]struct{ flat, nested string }{
		"objects and lists":                  {`{"a.b":"x","l[0].m[1]":true,"l[1][0]":2}`, `{"a":{"b":"x"},"l":[{"m":[null,true]},[2]]}`},
		"nothing":                            {`{}`, `{}`},
		"lists behind all else":              {`{"l[0]":1,"a":2}`, `{"a":2,"l":[1]}`},
		"a key below a scalar":               {`{"l.root":"INFO","l.root.app":"DEBUG"}`, `{"l":{"root":"INFO","root.app":"DEBUG"}}`},
		"a scalar after a key below it":      {`{"x.y":"1","x":"0","x.y.z":"2"}`, `{"x":"0","y":{"x.z":"2"}}`},
		"brackets without a number":          {`{"a[b]":1,"a[b].c":2,"x]":3}`, `{"x]":3,"a[b]":1,"a[b].c":2}`},
		"the condition of a document":        {`{"spring.profiles":"dev","a":1}`, `{"a":1}`},
		"control characters, and no others":  {`{"a":"\u0001\b\t\u2028<\u001f\"\\/é"}`, "{\"a\":\"\\u0001\\b\\t\u2028<\\u001F\\\"\\\\/é\"}"},
		"numbers that are too large for int": {`{"a[99999999999]":1}`, `{"a[99999999999]":1}`},
	}) {
		it("makes of "+name+" what Spring makes of it", func() {
			text, err := forms.JSON(sources(t, object.flat), false)
			Expect(err).NotTo(HaveOccurred())
			Expect(string(text)).To(Equal(object.nested))
		})
	}

	it("takes a list as a whole from the first source that has an item of it", func() {
		text, err := forms.JSON(sources(t, `{"l[1].a":1}`, `{"l[0]":0,"l[1].b":2,"l[2]":3}`), false)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(text)).To(Equal(`{"l":[null,{"a":1}]}`))
	})

	it("refuses keys that are not a path, and keys that exclude each other, as Spring's server does with 400 and 500", func() {
		for _, invalid := range []string{`{".a":1}`, `{"a..b":1}`, `{"[0]":1}`, `{"a[0]b":1}`, `{"a[-1]":1}`} {
			_, err := forms.JSON(sources(t, invalid), false)
			Expect(err).To(MatchError(forms.ErrInvalid), invalid)
		}
		for _, contradiction := range []string{`{"a":1,"a[0]":2}`, `{"a[0]":1,"a[0].b":2}`, `{"a[0].b":1,"a[0][0]":2}`} {
			_, err := forms.JSON(sources(t, contradiction), false)
			Expect(err).To(MatchError(ContainSubstring("a[0]")), contradiction)
			Expect(err).NotTo(MatchError(forms.ErrInvalid), contradiction)
		}
	})

	it("does not fill its memory with items that a key asks for", func() {
		_, err := forms.JSON(sources(t, `{"a[2000000000]":1}`), false)
		Expect(err).To(MatchError(ContainSubstring("lists with more than 1000000 items")))
	})
}
