// Package shell quotes text for a POSIX shell.
package shell

import (
	"regexp"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
)

// Quote returns a text as one word in single quotes.
func Quote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,=-]+$`)

// Word returns a text as one word, without quotes if nothing in it is special.
func Word(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return Quote(text)
}

// Expanded returns a text as one word in which the shell expands $NAME, ${NAME} and
// ${NAME:-OTHERWISE}, and nothing else (see env.Reference). An unset variable is empty in the first
// two forms.
func Expanded(text string) string {
	var word strings.Builder
	for literal, reference := range env.Split(text) {
		word.WriteString(Quote(literal))
		switch {
		case reference.HasOtherwise:
			word.WriteString(`"${` + reference.Name + `:-` + reference.Otherwise + `}"`)
		case reference.Name != "":
			word.WriteString(`"${` + reference.Name + `-}"`)
		}
	}
	return word.String()
}
