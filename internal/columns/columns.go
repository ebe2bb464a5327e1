// Package columns measures text in columns of a terminal.
package columns

import (
	"unicode"

	"golang.org/x/text/width"
)

// Truncate shortens a text that is wider than that, and ends it with an ellipsis.
func Truncate(text string, columns int) string {
	if Width(text) <= columns {
		return text
	}
	if columns < 1 {
		return ""
	}
	taken := 0
	for i, char := range text {
		if taken += columnsOf(char); taken > columns-1 {
			return text[:i] + "…"
		}
	}
	return text
}

// Width returns the width of a text on a terminal, in columns.
func Width(text string) int {
	columns := 0
	for _, char := range text {
		columns += columnsOf(char)
	}
	return columns
}

func columnsOf(char rune) int {
	switch kind := width.LookupRune(char).Kind(); {
	case unicode.In(char, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case kind == width.EastAsianWide || kind == width.EastAsianFullwidth:
		return 2
	default:
		return 1
	}
}
