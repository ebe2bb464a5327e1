package printable

import (
	"io"
	"regexp"
)

// sequences are a terminal's commands (ECMA-48): control sequences such as colors, control strings
// such as a window's title, and other escapes.
var sequences = regexp.MustCompile("\x1b\\[[0-?]*[ -/]*[@-~]|\x1b[\\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\\\)|\x1b[ -/]*[0-Z\\\\^-~]")

// Plain returns a text without a terminal's commands.
func Plain(text string) string { return sequences.ReplaceAllString(text, "") }

// A PlainWriter writes each Write as Plain does.
type PlainWriter struct{ To io.Writer }

// Write hands on the whole text in one Write.
func (w PlainWriter) Write(text []byte) (int, error) {
	if _, err := w.To.Write(sequences.ReplaceAll(text, nil)); err != nil {
		return 0, err
	}
	return len(text), nil
}
