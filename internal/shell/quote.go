// Package shell writes text for a POSIX shell to read.
package shell

import (
	"regexp"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
)

// Quote is a text as one word for the shell, in single quotes.
func Quote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,=-]+$`)

// Word is a text as one word for the shell, without quotes if nothing in it is special.
func Word(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return Quote(text)
}

// Expanded is a text as one word for the shell that expands $NAME, ${NAME} and
// ${NAME:-OTHERWISE} in it, the first two to nothing where the variable is not set, and
// nothing else (see env.Reference).
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
