// Package printable is the one filter between text that others wrote and a
// terminal or a log: names and versions from files, answers of servers, errors
// that quote either. Text that has passed it can neither move the cursor nor
// reorder, hide or forge a line.
//
// It passes what strconv.IsPrint passes, which are letters, marks, numbers,
// punctuation, symbols and the ASCII blank, but for characters without a glyph.
// It escapes everything else as Go does between quotes: control characters of
// C0 and C1, DEL, the controls of bidirectional text, zero-width characters,
// line and paragraph separators, private and unassigned code points, and bytes
// that are not UTF-8.
package printable

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// invisible are the ranges of characters that have no glyph of their own although
// they count as letters or marks: Unicode's Default_Ignorable_Code_Point as far as
// strconv.IsPrint passes them.
var invisible = [...][2]rune{
	{0x034f, 0x034f}, {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f},
	{0x3164, 0x3164}, {0xfe00, 0xfe0f}, {0xffa0, 0xffa0}, {0xe0100, 0xe01ef},
}

// Rune reports whether a character passes the filter.
func Rune(char rune) bool {
	if char < utf8.RuneSelf {
		return ' ' <= char && char < 0x7f
	}
	return strconv.IsPrint(char) &&
		!slices.ContainsFunc(invisible[:], func(r [2]rune) bool { return r[0] <= char && char <= r[1] })
}

// Line escapes a text for one line: a line feed becomes \n.
func Line(text string) string { return escape(text, "") }

// Text is Line for text of several lines: it keeps line feeds and tabs.
func Text(text string) string { return escape(text, "\n\t") }

// OneLine returns a name for a context without escapes: it replaces characters that do not pass
// by _.
func OneLine(name string) string {
	return strings.Map(func(char rune) rune {
		if !Rune(char) {
			return '_'
		}
		return char
	}, name)
}

// Name returns a name for a sentence: unchanged if all of it passes, otherwise escaped and between
// double quotes.
func Name(name string) string {
	if passes(name, "") {
		return name
	}
	return Line(strconv.Quote(name))
}

// JSON returns a valid JSON text with the same meaning, with JSON's own escapes. It keeps white
// space between values.
func JSON(text []byte) []byte {
	var escaped strings.Builder
	for _, char := range string(text) {
		switch {
		case Rune(char) || char < ' ': // JSON allows none of the latter within a text
			escaped.WriteRune(char)
		case char > 0xffff:
			for _, half := range surrogates(char) {
				escaped.WriteString(`\u` + strconv.FormatUint(uint64(half), 16))
			}
		default:
			hex := strconv.FormatUint(uint64(char), 16)
			escaped.WriteString(`\u` + strings.Repeat("0", 4-len(hex)) + hex)
		}
	}
	return []byte(escaped.String())
}

func surrogates(char rune) [2]rune {
	char -= 0x10000
	return [2]rune{0xd800 + char>>10, 0xdc00 + char&0x3ff}
}

// A Writer writes each Write as Text.
type Writer struct {
	To io.Writer
	// Headers may contain escape sequences for a terminal: a Write that begins with one of them
	// keeps it.
	Headers []string
	// OneLine also escapes all line feeds except the last one of a Write.
	OneLine bool
}

// Write hands on the whole text in one Write.
func (w Writer) Write(text []byte) (int, error) {
	header := ""
	for _, known := range w.Headers {
		if strings.HasPrefix(string(text), known) {
			header = known
		}
	}
	if _, err := io.WriteString(w.To, header+w.filter(string(text[len(header):]))); err != nil {
		return 0, err
	}
	return len(text), nil
}

func (w Writer) filter(text string) string {
	if line, ended := strings.CutSuffix(text, "\n"); w.OneLine && ended {
		return Line(line) + "\n"
	}
	return Text(text)
}

func passes(text, also string) bool {
	for i, char := range text {
		if char == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)) || !Rune(char) && !strings.ContainsRune(also, char) {
			return false
		}
	}
	return true
}

func escape(text, also string) string {
	if passes(text, also) {
		return text
	}
	var escaped strings.Builder
	for len(text) > 0 {
		char, size := utf8.DecodeRuneInString(text)
		switch {
		case char == utf8.RuneError && size == 1:
			escaped.WriteString(`\x` + strconv.FormatUint(uint64(text[0]), 16))
		case Rune(char), strings.ContainsRune(also, char):
			escaped.WriteRune(char)
		default:
			quoted := strconv.QuoteRuneToASCII(char)
			escaped.WriteString(quoted[1 : len(quoted)-1])
		}
		text = text[size:]
	}
	return escaped.String()
}
