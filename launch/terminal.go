package launch

import (
	"unicode"

	"golang.org/x/text/width"
)

// Clip cuts a text that takes more columns of a terminal than that.
func Clip(text string, columns int) string {
	if Displayed(text) <= columns {
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

// Displayed is how many columns a terminal gives to a text.
func Displayed(text string) int {
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
