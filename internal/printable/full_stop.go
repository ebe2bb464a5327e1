package printable

import "strings"

// Unended returns a text without punctuation and blanks at its end, so that more can follow: a
// message from elsewhere may end with a full stop, with a colon before a removed value, or with
// neither.
func Unended(text string) string { return strings.TrimRight(text, ".:;, \n") }

// WithFullStop returns a text that ends with one full stop.
func WithFullStop(text string) string { return Unended(text) + "." }
