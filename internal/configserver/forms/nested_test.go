package forms_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/forms"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

func testNested(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	for name, one := range testtable.Sorted(map[string]struct{ flat, key, reason string }{
		"a key without a name":                {`{".a":"MARKED","ok":"fine"}`, ".a", "it is neither a name nor an item of a list"},
		"an empty name in a key":              {`{"a..b":"MARKED","ok":"fine"}`, "a..b", "it is neither a name nor an item of a list"},
		"an index without a list":             {`{"[404]":"MARKED","ok":"fine"}`, "[404]", "it is neither a name nor an item of a list"},
		"text behind an index":                {`{"a[0]b":"MARKED","ok":"fine"}`, "a[0]b", "it is neither a name nor an item of a list"},
		"keys that exclude each other":        {`{"ok":"fine","ok[0]":"MARKED"}`, "ok[0]", "it is in a list or an object where another key has something else"},
		"a placeholder that refers to itself": {`{"a.b":"MARKED ${a.b}","ok":"fine"}`, "a.b", "its placeholder ${…} refers to itself"},
	}) {
		it("leaves out "+name+", and serves all others", func() {
			nested, omitted, err := forms.Nested(sources(t, one.flat))
			Expect(err).NotTo(HaveOccurred())
			Expect(nested).To(HaveKeyWithValue("ok", "fine"))
			Expect(fmt.Sprint(nested)).NotTo(ContainSubstring("MARKED"))
			Expect(omitted).To(ConsistOf(environment.Omission{Key: one.key, Reason: one.reason}))
		})
	}

	it("leaves out all keys of a circle, and those that lead to it", func() {
		nested, omitted, err := forms.Nested(sources(t, `{"a":"${b}","b":"${a}","c":"x ${a}","d":"y","l[0]":"${a}","l[1]":"${d}"}`))
		Expect(err).NotTo(HaveOccurred())
		Expect(nested).To(Equal(map[string]any{"d": "y", "l": []any{nil, "y"}}))
		Expect(omitted).To(HaveExactElements(HaveField("Key", "a"), HaveField("Key", "b"), HaveField("Key", "c"), HaveField("Key", "l[0]")))
	})

	for name, one := range testtable.Sorted(map[string]struct {
		first, second string
		expected      map[string]any
	}{
		"an object before a list":    {`{"l.x":"1"}`, `{"l[0]":"2","ok":"fine"}`, map[string]any{"l": map[string]any{"x": "1"}, "ok": "fine"}},
		"a list before an object":    {`{"l[0]":"2"}`, `{"l.x":"1","ok":"fine"}`, map[string]any{"l": []any{"2"}, "ok": "fine"}},
		"a scalar before a list":     {`{"l":"1"}`, `{"l[0].a":"2","ok":"fine"}`, map[string]any{"l": "1", "ok": "fine"}},
		"a list before a scalar":     {`{"l[0]":"2"}`, `{"l":"1","ok":"fine"}`, map[string]any{"l": []any{"2"}, "ok": "fine"}},
		"a list below a list":        {`{"l[0]":"2"}`, `{"l.x[0]":"1","ok":"fine"}`, map[string]any{"l": []any{"2"}, "ok": "fine"}},
		"a list in the place of all": {`{"l.x[0]":"1"}`, `{"l[0]":"2","ok":"fine"}`, map[string]any{"l": map[string]any{"x": []any{"1"}}, "ok": "fine"}},
	}) {
		it("lets the first source win with "+name, func() {
			nested, omitted, err := forms.Nested(sources(t, one.first, one.second))
			Expect(err).NotTo(HaveOccurred())
			Expect(nested).To(Equal(one.expected))
			Expect(omitted).To(BeEmpty())
		})
	}

	it("is an error with the key if the form is too large", func() {
		_, _, err := forms.Nested(sources(t, `{"ok":"fine","l[2000000000]":"MARKED"}`))
		Expect(err).To(MatchError(`lists with more than 1000000 items, by the key "l[2000000000]"`))
		_, _, err = forms.Nested(sources(t, `{"a":"${b}${b}","b":"${c}${c}","c":"`+strings.Repeat("x", 5<<20)+`"}`))
		Expect(err).To(MatchError(And(HavePrefix("a: "), ContainSubstring("with placeholders ${…} replaced"))))
	})
}
