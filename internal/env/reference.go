package env

import (
	"iter"
	"regexp"
)

// Name is the regular expression of a name that a shell can give to a variable.
const Name = `[A-Za-z_][A-Za-z0-9_]*`

// reference has the characters of OTHERWISE that no shell knows as special.
var reference = regexp.MustCompile(`\$(?:(` + Name + `)|\{(` + Name + `)(:-[A-Za-z0-9_./:@%+,-]*)?\})`)

// A Reference is one to a variable in a text: $NAME, ${NAME} or ${NAME:-OTHERWISE}. All other
// expansions that shells know are not references.
type Reference struct {
	Text string // as it is written
	Name string // empty: no reference
	// HasOtherwise tells ${NAME:-OTHERWISE} from the other two. Otherwise may be empty.
	HasOtherwise bool
	Otherwise    string
}

// Split yields all parts of a text in their order: plain text, which may be empty, and the
// reference behind it. The last part has plain text alone.
func Split(text string) iter.Seq2[string, Reference] {
	return func(yield func(string, Reference) bool) {
		at := 0
		for _, m := range reference.FindAllStringSubmatchIndex(text, -1) {
			group := func(i int) string { return text[max(m[2*i], 0):max(m[2*i+1], 0)] } // -1 where it is not there
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
