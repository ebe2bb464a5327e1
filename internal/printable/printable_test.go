package printable_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// hostile are texts that would do something to a terminal or a log, each with what
// is to be seen instead.
var hostile = []struct{ kind, text, escaped string }{
	{"an escape sequence", "a\x1b[2Jb", `a\x1b[2Jb`},
	{"a title", "\x1b]0;t\a", `\x1b]0;t\a`},
	{"a carriage return", "good\rbad", `good\rbad`},
	{"a backspace", "a\bb", `a\bb`},
	{"NUL", "\x00", `\x00`},
	{"DEL", "a\x7f", `a\x7f`},
	{"C1: CSI", "\u009b2J", `\u009b2J`},
	{"C1: NEL", "a\u0085b", `a\u0085b`},
	{"C1 as a byte", "\x9b2J", `\x9b2J`},
	{"a bidirectional override", "a\u202eb", `a\u202eb`},
	{"a bidirectional isolate", "\u2066a\u2069", `\u2066a\u2069`},
	{"a bidirectional mark", "\u200f\u061c", `\u200f\u061c`},
	{"zero width", "a\u200bb\u200dc\ufeff\u2060", `a\u200bb\u200dc\ufeff\u2060`},
	{"a letter without a glyph", "\u3164\u115f", `\u3164\u115f`},
	{"a variation selector", "a\ufe0f\U000e0100", `a\ufe0f\U000e0100`},
	{"a tag", "\U000e0041", `\U000e0041`},
	{"a line separator", "a\u2028b\u2029", `a\u2028b\u2029`},
	{"another blank", "a\u00a0b", `a\u00a0b`},
	{"half a character", "a\xe2\x82", `a\xe2\x82`},
	{"half a surrogate pair", "\xed\xa0\x80", `\xed\xa0\x80`},
	{"private use", "\ue000", `\ue000`},
}

func testPrintable(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("leaves text as it is", func() {
		for _, text := range []string{"", "config server", "größer, 日本語, עברית, é", `a\b "c"`, "☃ 🎉", "\ufffd"} {
			Expect(printable.Line(text)).To(Equal(text))
			Expect(printable.Text(text)).To(Equal(text))
			Expect(printable.Name(text)).To(Equal(text))
		}
	})

	for _, h := range hostile {
		it("escapes "+h.kind, func() {
			Expect(printable.Line(h.text)).To(Equal(h.escaped))
			Expect(printable.Text(h.text)).To(Equal(h.escaped))
			Expect(printable.Name(h.text)).To(Equal(`"` + h.escaped + `"`))
		})
	}

	it("keeps line feeds and tabs in text of several lines alone", func() {
		Expect(printable.Text("a\n\tb")).To(Equal("a\n\tb"))
		Expect(printable.Line("a\n\tb")).To(Equal(`a\n\tb`))
		Expect(printable.Name("a\n\"b")).To(Equal(`"a\n\"b"`))
	})

	it("replaces characters where it cannot escape them", func() {
		for _, h := range hostile {
			Expect(printable.Line(printable.OneLine(h.text))).To(Equal(printable.OneLine(h.text)), h.kind)
		}
		Expect(printable.OneLine("a\nWörtchen")).To(Equal("a_Wörtchen"))
	})

	it("writes JSON that means the same", func() {
		for _, h := range hostile {
			text := strings.ToValidUTF8(h.text, "\ufffd")
			encoded, err := json.MarshalIndent(map[string]string{"text": text}, "", "\t")
			Expect(err).NotTo(HaveOccurred())
			escaped := printable.JSON(encoded)
			Expect(printable.Text(string(escaped))).To(Equal(string(escaped)), h.kind)
			var decoded map[string]string
			Expect(json.Unmarshal(escaped, &decoded)).To(Succeed())
			Expect(decoded).To(HaveKeyWithValue("text", text))
		}
	})

	it("writes each Write as one, and keeps its header", func() {
		var to bytes.Buffer
		w := printable.Writer{To: &to, Headers: []string{"\x1b[31m!\x1b[0m"}}
		Expect(w.Write([]byte("\x1b[31m!\x1b[0m a\x1b[31m!\x1b[0m\n"))).To(Equal(23))
		Expect(w.Write([]byte("\x1b[31m\n"))).To(Equal(6))
		Expect(to.String()).To(Equal("\x1b[31m!\x1b[0m a\\x1b[31m!\\x1b[0m\n\\x1b[31m\n"))
	})

	it("writes one line a Write where that is asked for", func() {
		var to bytes.Buffer
		w := printable.Writer{To: &to, OneLine: true}
		Expect(w.Write([]byte("a\n-----> b\n"))).To(Equal(11))
		Expect(to.String()).To(Equal(`a\n-----> b` + "\n"))
	})

	context("failure cases", func() {
		it("returns the error of what it writes to", func() {
			_, err := printable.Writer{To: broken{}}.Write([]byte("a"))
			Expect(err).To(MatchError("it is full"))
		})
	})
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("it is full") }

func FuzzPrintable(f *testing.F) {
	for _, h := range hostile {
		f.Add(h.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, filtered := range []string{printable.Line(text), printable.Name(text), strings.NewReplacer("\n", "", "\t", "").Replace(printable.Text(text))} {
			if !utf8.ValidString(filtered) {
				t.Errorf("%q is not UTF-8", filtered)
			}
			for _, char := range filtered {
				if unicode.In(char, unicode.C, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) || char != ' ' && unicode.IsSpace(char) {
					t.Errorf("%q holds %U", filtered, char)
				}
			}
			if again := printable.Line(filtered); again != filtered {
				t.Errorf("%q becomes %q", filtered, again)
			}
		}
	})
}
