package forms_test

import (
	"encoding/json"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/forms"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

func testYAML(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	yaml := func(flat string) string {
		t.Helper()
		text, err := forms.YAML(sources(t, flat), false)
		Expect(err).NotTo(HaveOccurred())
		return string(text)
	}

	it("writes block style as SnakeYAML does", func() {
		Expect(yaml(`{"a.b":"x","a.c":1.5,"n":null,"l[0]":"y","l[1].d":true,"l[1].e":"","l[2][0]":1,"l[2][1]":2}`)).To(Equal(
			"a:\n  b: x\n  c: 1.5\nn: null\nl:\n- y\n- d: true\n  e: ''\n- - 1\n  - 2\n"))
		Expect(yaml(`{}`)).To(Equal("{}\n"))
	})

	for text, written := range testtable.Sorted(map[string]string{
		"plain text": "plain text", "": "''", " x": "' x'", "x ": "'x '", "it's": "it's", "'": "''''", `say "hi"`: `say "hi"`,
		"42": "'42'", "1.5": "'1.5'", "1e3": "'1e3'", "0x1f": "'0x1f'", "007": "'007'", "08": "'08'", "1:30": "'1:30'", ".inf": "'.inf'",
		"true": "'true'", "yes": "'yes'", "y": "y", "null": "'null'", "~": "'~'", "<<": "'<<'", "=": "=", "2001-12-14": "'2001-12-14'", "2001-1-4": "2001-1-4",
		"a: b": "'a: b'", "a:b": "a:b", "a:": "'a:'", "a #b": "'a #b'", "a#b": "a#b", "- a": "'- a'", "-a": "-a", "?": "'?'", ":a": ":a", "---": "'---'",
		"*a": "'*a'", "%a": "'%a'", "@a": "'@a'", "a,b": "a,b", "[a": "'[a'", "a\tb": `"a\tb"`, "a\rb": `"a\rb"`, "größe 😀": "größe 😀",
		"a\nb": "|-\n  a\n  b", "a\n": "|\n  a", "a\n\n": "|+\n  a\n", "\na": "|2-\n\n  a", " a\nb": "|2-\n   a\n  b", "a \nb": `"a \nb"`, "a\nb ": `"a\nb "`,
		"\x00": "!!binary |-\n  AA==", "\u2028": "|2+\n\u2028",
	}) {
		it("writes "+strings.Trim(strings.ReplaceAll(quoted(text), "\\", "%"), `"`)+" so that it is read as text again", func() {
			expected := "k: " + written
			if !strings.HasSuffix(expected, "\u2028") {
				expected += "\n"
			}
			Expect(yaml(`{"k":` + quoted(text) + `}`)).To(Equal(expected))
		})
	}

	it("breaks lines behind column 80 at single blanks", func() {
		words := strings.Repeat("word ", 15) + "a  b c"
		Expect(yaml(`{"key":"` + words + words + `"}`)).To(Equal("key: " + strings.Repeat("word ", 15) + "a  b\n" +
			"  cword " + strings.Repeat("word ", 14) + "a  b\n  c\n"))
		Expect(yaml(`{"key":"- ` + strings.Repeat("x", 80) + ` y"}`)).To(Equal("key: '- " + strings.Repeat("x", 80) + "\n  y'\n"))
		Expect(yaml(`{"key":"\t` + strings.Repeat("x", 80) + ` y z"}`)).To(Equal("key: \"\\t" + strings.Repeat("x", 80) + "\\\n  \\ y z\"\n"))
	})

	it("writes keys that are long or have line breaks behind a question mark", func() {
		long := strings.Repeat("k", 123)
		Expect(yaml(`{"` + long + `":"v"}`)).To(Equal("? " + long + "\n: v\n"))
		Expect(yaml(`{"` + long[1:] + `":"v"}`)).To(Equal(long[1:] + ": v\n"))
		Expect(yaml(`{"a\nb":"v"}`)).To(Equal("? |-\n  a\n  b\n: v\n"))
	})

	it("has a document that is not an object stand for itself", func() {
		Expect(yaml(`{"document[0]":"a","document[1].b":1}`)).To(Equal("- a\n- b: 1\n"))
		Expect(yaml(`{"document":5}`)).To(Equal("'5'\n"))
		Expect(yaml(`{"document":"a\nb"}`)).To(Equal("|-\n  a\n  b\n"))
		Expect(yaml(`{"document":"text","more":1}`)).To(Equal("document: text\nmore: 1\n"))
	})
}

func quoted(text string) string {
	encoded, _ := json.Marshal(text) // a string can be
	return string(encoded)
}
