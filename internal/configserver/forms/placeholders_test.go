package forms_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/forms"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

func testPlaceholders(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect
	const more = `,"host":"h","url":"http://${host}","which":"url","port":80,"a:b":"colon","lost":"${nowhere}","escaped":"\\${host}"}`

	for text, resolved := range testtable.Sorted(map[string]string{
		"${host}": "h", "${url}:${port}/x": "http://h:80/x", "${nowhere}": "${nowhere}", "${nowhere:d}": "d", "${:d}": "d", "${nowhere:}": "",
		"${${which}}": "http://h", "${x.${which}:none}": "none", "${nowhere:${url}}": "http://h", "${a:b}": "colon", "${host:d}": "h",
		`\${host}`: "${host}", `\\${host}`: "${host}", "${host": "${host", "$host {host}": "$host {host}", "${}": "${}", "${ host }": "h",
		"${nowhere:{x}}": "{x}", "${x${y}": "${x${y}",
	}) {
		it("makes "+resolved+" of "+strings.ReplaceAll(text, "/", "%"), func() {
			env := sources(t, `{"k":`+quoted(text)+more)
			Expect(forms.Nested(env)).To(HaveKeyWithValue("k", resolved))
		})
	}

	it("resolves a key with blanks in objects, and not in properties, as Spring does", func() {
		env := sources(t, `{"k":"${ host }","host":"h"}`)
		Expect(forms.JSON(env, true)).To(BeEquivalentTo(`{"k":"h","host":"h"}`))
		Expect(forms.Properties(env, true)).To(BeEquivalentTo("k: ${ host }\nhost: h"))
		Expect(forms.JSON(env, false)).To(BeEquivalentTo(`{"k":"${ host }","host":"h"}`))
	})

	it("refuses one without a value in a value, and one that refers to itself, without saying the value", func() {
		env := sources(t, `{"k":"${secret}","secret":"MARKED ${nowhere}"}`)
		_, err := forms.JSON(env, true)
		Expect(err).To(MatchError(forms.ErrInvalid))
		Expect(err.Error()).To(Equal("k: invalid: a placeholder ${…} without a value"))
		nested, _, err := forms.Nested(env)
		Expect(err).NotTo(HaveOccurred())
		Expect(nested).To(HaveKeyWithValue("k", "MARKED ${nowhere}"))
		for _, form := range []func() error{
			func() error { _, err := forms.YAML(sources(t, `{"a":"${b}","b":"${a}"}`), true); return err },
			func() error { _, err := forms.Properties(sources(t, `{"a":"${b}","b":"${a}"}`), true); return err },
		} {
			Expect(form()).To(And(MatchError(forms.ErrInvalid), MatchError(ContainSubstring("refers to itself"))))
		}
	})

	it("bounds what a few lines can ask for", func() {
		var lines []string
		for i := range 64 {
			lines = append(lines, fmt.Sprintf(`"k%d":"${k%d}${k%d}"`, i, i+1, i+1))
		}
		for _, end := range []string{"", strings.Repeat("x", 1000)} {
			_, err := forms.JSON(sources(t, "{"+strings.Join(lines, ",")+`,"k64":"`+end+`"}`), true)
			Expect(err).To(MatchError(Or(ContainSubstring("more than 1000000 placeholders"), ContainSubstring("larger than 2 MB"))))
		}
		deep := strings.Repeat("${a:", 600) + strings.Repeat("}", 600)
		_, err := forms.JSON(sources(t, `{"k":"`+deep+`"}`), true)
		Expect(err).To(MatchError(ContainSubstring("more than 500 deep")))
		many := strings.Repeat("${", 1<<20)
		_, err = forms.Properties(sources(t, `{"k":"`+many+`"}`), true)
		Expect(err).To(MatchError(ContainSubstring("more than 1000000 placeholders")))
	})
}
