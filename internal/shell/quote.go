// Package shell writes text for a POSIX shell to read.
package shell

import (
	"regexp"
	"strings"
)

// Quote is a text as one word for the shell, in single quotes.
func Quote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

var reference = regexp.MustCompile(`\$(?:[A-Za-z_][A-Za-z0-9_]*|\{[A-Za-z_][A-Za-z0-9_]*(?::-[A-Za-z0-9_./:@%+,-]*)?\})`)

// Expanded is a text as one word for the shell that expands $NAME, ${NAME} and
// ${NAME:-OTHERWISE} in it, the first two to nothing where the variable is not set, and
// nothing else. OTHERWISE is of characters that are not special.
func Expanded(text string) string {
	quoted, at := "", 0
	for _, match := range reference.FindAllStringIndex(text, -1) {
		name := strings.Trim(text[match[0]:match[1]], "${}")
		if !strings.Contains(name, ":-") {
			name += "-"
		}
		quoted += Quote(text[at:match[0]]) + `"${` + name + `}"`
		at = match[1]
	}
	return quoted + Quote(text[at:])
}
