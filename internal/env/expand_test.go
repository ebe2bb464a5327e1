package env_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
)

func testExpand(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		environ = []string{"A=a", "PATH=/bin", "TWICE=1", "EMPTY=", "_9=nine", "DOLLAR=$A", "EQUALS=x=y", "TWICE=2"}
	)

	it("expands $NAME and ${NAME}", func() {
		for text, expanded := range map[string]string{
			"":               "",
			"plain":          "plain",
			"$A":             "a",
			"${A}":           "a",
			"-$A-${A}-":      "-a-a-",
			"$A$A${A}":       "aaa",
			"${A}B$A/B":      "aBa/B",
			"$AB":            "", // another name
			"$PATH:/usr/bin": "/bin:/usr/bin",
			"$EMPTY|$NONE|":  "||",
			"$TWICE":         "2",
			"$_9.":           "nine.",
			"$EQUALS":        "x=y",
			"$DOLLAR":        "$A", // what comes in is not expanded again
			"é$A世":           "éa世",
			"${A:-b}${EMPTY:-1}-${NONE:-http://x/%41}.": "a1-http://x/%41.",
		} {
			Expect(env.Expand(environ, text)).To(Equal(expanded), text)
		}
	})

	context("failure cases", func() {
		it("leaves all else as it is", func() {
			for _, text := range []string{
				"$", "$$", "a$", "${", "${}", "${A", "${A-b}", "${A:-b c}", "${A:-b", "${:-b}", "${#A}", "${!A}", "$1", "${1}", "$(A)", "$((1+1))", "`A`", "$'a'", `$"a"`,
				"$ A", "$-", "$?", "$*", "$@", "${ A}", "${A }", "~", "~root", "*", "{a,b}", "\\", "%A%", "$é", "\x00$\xff",
			} {
				Expect(env.Expand(environ, text)).To(Equal(text), text)
			}
			Expect(env.Expand(environ, `\$A $$A ${${A}}`)).To(Equal(`\a $a ${a}`))
		})
	})
}

// FuzzExpand shows that nothing but references changes, and that what comes in
// comes from the environment.
func FuzzExpand(f *testing.F) {
	for _, seed := range []string{"", "$", "${", "${A", "$A", "${A}", "$$A", "${${A}}", "$\x00", "a$B_1-", "${1}", "$A$B${A}${B}", "é$Aé"} {
		f.Add(seed, "value")
		f.Add(seed, "$A")
		f.Add(seed, "}")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		Expect := NewWithT(t).Expect
		environ := []string{"A=" + value}
		expanded := env.Expand(environ, text)
		if !strings.Contains(text, "$") {
			Expect(expanded).To(Equal(text))
		}
		// The text between the references is unchanged, in the same order.
		rest := env.Expand([]string{"A="}, text)
		Expect(len(expanded) - len(rest)).To(Equal(len(value) * references(text)))
		Expect(strings.Count(rest, "$")).To(BeNumerically("<=", strings.Count(text, "$")))
		Expect(env.Expand([]string{"A=$A"}, "$A")).To(Equal("$A"))
		if references(text) == 0 {
			Expect(env.Expand([]string{"A=1"}, text)).To(Equal(rest))
		}
	})
}

// references are how often a text refers to A.
func references(text string) (number int) {
	for i := range len(text) {
		behind, found := strings.CutPrefix(text[i:], "$A")
		if found && (behind == "" || !strings.ContainsRune(nameBytes, rune(behind[0]))) || strings.HasPrefix(text[i:], "${A}") {
			number++
		}
	}
	return number
}

const nameBytes = "_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
