package env

import (
	"iter"
	"regexp"
)

// Name is a regular expression for names of shell variables.
const Name = `[A-Za-z_][A-Za-z0-9_]*`

// reference only allows characters in OTHERWISE that are not special in any shell.
var reference = regexp.MustCompile(`\$(?:(` + Name + `)|\{(` + Name + `)(:-[A-Za-z0-9_./:@%+,-]*)?\})`)

// A Reference is a reference to a variable in a text: $NAME, ${NAME} or ${NAME:-OTHERWISE}. Other
// expansions of shells are not references.
type Reference struct {
	Text string // as it is written
	Name string // empty: not a reference
	// HasOtherwise is true for ${NAME:-OTHERWISE}. Otherwise may be empty.
	HasOtherwise bool
	Otherwise    string
}

// Split yields all parts of a text in order: literal text, which may be empty, and the reference
// after it. The last part has only literal text.
func Split(text string) iter.Seq2[string, Reference] {
	return func(yield func(string, Reference) bool) {
		at := 0
		for _, m := range reference.FindAllStringSubmatchIndex(text, -1) {
			group := func(i int) string { return text[max(m[2*i], 0):max(m[2*i+1], 0)] } // -1 if the group did not match
			found := Reference{Text: group(0), Name: group(1) + group(2)}
			if otherwise := group(3); otherwise != "" {
				found.HasOtherwise, found.Otherwise = true, otherwise[len(":-"):]
			}
			if !yield(text[at:m[0]], found) {
				return
			}
			at = m[1]
		}
		yield(text[at:], Reference{})
	}
}
