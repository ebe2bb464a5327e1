package forms_test

import (
	"encoding/json"
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

	nested := func(objects ...string) string {
		t.Helper()
		tree, _, err := forms.Nested(sources(t, objects...))
		Expect(err).NotTo(HaveOccurred())
		text, err := json.Marshal(tree)
		Expect(err).NotTo(HaveOccurred())
		return string(text)
	}

	for name, object := range testtable.Sorted(map[string]struct{ flat, nested string }{
		"objects and lists":                       {`{"a.b":"x","l[0].m[0]":true,"l[1][0]":2}`, `{"a":{"b":"x"},"l":[{"m":[true]},[2]]}`},
		"items in another order":                  {`{"l[2]":"c","l[0]":"a","l[1]":"b"}`, `{"l":["a","b","c"]}`},
		"numbers as keys of a mapping":            {`{"errors[404]":"nf","errors[500]":"ise"}`, `{"errors":{"404":"nf","500":"ise"}}`},
		"one large number":                        {`{"acct[999998]":"x","b[99999999999999999999]":1}`, `{"acct":{"999998":"x"},"b":{"99999999999999999999":1}}`},
		"numbers at the top":                      {`{"[404]":"nf","[0]":"zero"}`, `{"0":"zero","404":"nf"}`},
		"a list with an item missing":             {`{"l[0]":0,"l[2].a":2}`, `{"l":{"0":0,"2":{"a":2}}}`},
		"texts that are not indexes":              {`{"a[-1]":1,"b[00]":2,"c[+0]":3,"d.0":4}`, `{"a":{"-1":1},"b":{"00":2},"c":{"+0":3},"d":{"0":4}}`},
		"items and other keys":                    {`{"a[0]":1,"a.b":2}`, `{"a":{"0":1,"b":2}}`},
		"a key in brackets":                       {`{"[br.ack.et]":5,"path[/a/b.c].x":1,"m[a[0]]":2,"[true]":3}`, `{"br.ack.et":5,"m":{"a[0]":2},"path":{"/a/b.c":{"x":1}},"true":3}`},
		"brackets that are part of a key":         {`{"a[0]b":1,"x]":2,"y[":3,"z[]":4,"v[a":{"b":1}}`, `{"a[0]b":1,"v[a":{"b":1},"x]":2,"y[":3,"z[]":4}`},
		"empty keys":                              {`{"":1,"d.":3}`, `{"":1,"d":{"":3}}`},
		"a value and keys below it in one source": {`{"l.root":"INFO","l.root.app":"DEBUG","l.root.web.a":1}`, `{"l":{"root":"INFO","root.app":"DEBUG","root.web":{"a":1}}}`},
		"keys below a value, the value last":      {`{"x.y":"1","x":"0","x.y.z":"2"}`, `{"x":"0","x.y":"1","x.y.z":"2"}`},
		"a value and items in one source":         {`{"a":1,"a[0]":2,"l[0]":3,"l[0].b":4}`, `{"a":1,"a.0":2,"l":{"0":3,"0.b":4}}`},
		"the condition of a document":             {`{"spring.profiles":"dev","a":1}`, `{"a":1}`},
		"nothing":                                 {`{}`, `{}`},
	}) {
		it("has the form that one expects of "+name, func() {
			Expect(nested(object.flat)).To(Equal(object.nested))
		})
	}

	for name, object := range testtable.Sorted(map[string]struct {
		sources []string
		nested  string
	}{
		"a value for a value":            {[]string{`{"a":1}`, `{"a":2,"b":2}`}, `{"a":1,"b":2}`},
		"an object for a value":          {[]string{`{"s.t":1}`, `{"a.b":"git","s":"git"}`}, `{"a":{"b":"git"},"s":{"t":1}}`},
		"a value for an object":          {[]string{`{"a":"scalar","o":"text"}`, `{"a.b":"git","o.x":1,"o.y.z":2}`}, `{"a":"scalar","o":"text"}`},
		"null for an object":             {[]string{`{"a":null}`, `{"a.b":"git"}`}, `{"a":null}`},
		"values of one object":           {[]string{`{"o.a":1,"o.p.x":1}`, `{"o.b":2,"o.p.y":2,"o.p":3}`, `{"o.c":3}`}, `{"o":{"a":1,"b":2,"c":3,"p":{"x":1}}}`},
		"a list as a whole":              {[]string{`{"l[0].a":1}`, `{"l[0]":0,"l[1].b":2,"l[2]":3}`}, `{"l":[{"a":1}]}`},
		"a list for a value":             {[]string{`{"l[0]":1}`, `{"l":"text"}`}, `{"l":[1]}`},
		"a list for an object":           {[]string{`{"l[0]":1}`, `{"l.a":"text"}`}, `{"l":[1]}`},
		"an object for a list":           {[]string{`{"l.a":1}`, `{"l[0]":"text"}`}, `{"l":{"a":1}}`},
		"an empty list for a list":       {[]string{`{"l":""}`, `{"l[0]":"text"}`}, `{"l":""}`},
		"an object of numbers":           {[]string{`{"e[404]":1,"f[1]":1}`, `{"e[404]":2,"e[500]":2,"f[0]":2,"f[2]":2}`}, `{"e":{"404":1,"500":2},"f":{"0":2,"1":1,"2":2}}`},
		"a value with keys below it":     {[]string{`{"l":1,"l.a":1}`, `{"l.b":2,"l.a.c":3}`}, `{"l":1,"l.a":1}`},
		"the same key in another form":   {[]string{`{"e.404":1}`, `{"e[404]":2}`}, `{"e":{"404":1}}`},
		"what a third source has for it": {[]string{`{"a.b":1}`, `{"a":2}`, `{"a.c":3}`}, `{"a":{"b":1,"c":3}}`},
	}) {
		it("takes the first source's form of a key, and leaves out what a later one has above or below it: "+name, func() {
			Expect(nested(object.sources...)).To(Equal(object.nested))
		})
	}

	for name, one := range testtable.Sorted(map[string]struct{ flat, key, reason string }{
		"a key without a name":                {`{".a":"MARKED","ok":"fine"}`, ".a", "it is neither a name nor an item of a list"},
		"an empty name in a key":              {`{"a..b":"MARKED","ok":"fine"}`, "a..b", "it is neither a name nor an item of a list"},
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

	it("does not fill its memory with items that a key asks for, or with levels", func() {
		Expect(nested(`{"a[2000000000]":1}`)).To(Equal(`{"a":{"2000000000":1}}`))
		_, _, err := forms.Nested(sources(t, `{"a`+strings.Repeat(".a", 2000)+`":1}`))
		Expect(err).To(MatchError(ContainSubstring("has more than 1000 levels")))
		var keys []string
		for i := range 600 {
			keys = append(keys, `"`+strings.Repeat("a.", 900)+strings.Repeat("b", i)+`":1`)
		}
		_, _, err = forms.Nested(sources(t, "{"+strings.Join(keys, ",")+"}"))
		Expect(err).To(MatchError(ContainSubstring("more than 500000 levels in total")))
		_, _, err = forms.Nested(sources(t, `{"a":"${b}${b}","b":"${c}${c}","c":"`+strings.Repeat("x", 5<<20)+`"}`))
		Expect(err).To(MatchError(And(HavePrefix("a: "), ContainSubstring("with placeholders ${…} replaced"))))
	})
}
