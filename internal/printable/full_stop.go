package printable

import "strings"

// Unended is a text without the punctuation and the blanks at its end, so that more can follow
// it: what others wrote may end in a full stop, in a colon behind which they left out a value,
// or in neither.
func Unended(text string) string { return strings.TrimRight(text, ".:;, \n") }

// WithFullStop is a text that ends in one full stop.
func WithFullStop(text string) string { return Unended(text) + "." }
