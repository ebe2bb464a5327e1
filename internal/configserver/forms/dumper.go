package forms

import (
	"bytes"
	"strings"
)

// dumper writes YAML, and tracks the column in UTF-16 units, as Java does.
type dumper struct {
	out    bytes.Buffer
	column int
}

func (d *dumper) write(text string) {
	d.out.WriteString(text)
	if i := strings.LastIndexByte(text, '\n'); i >= 0 {
		d.column, text = 0, text[i+1:]
	}
	d.column += units(text)
}

// indent starts a new line, unless the current one is blank up to the column.
func (d *dumper) indent(column int) {
	if d.column > column {
		d.write("\n")
	}
	d.write(strings.Repeat(" ", column-d.column))
}

func (d *dumper) end() []byte {
	if d.column > 0 {
		d.write("\n")
	}
	return d.out.Bytes()
}

// units returns the number of UTF-16 units of a text.
func units(text string) (n int) {
	for _, r := range text {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// isBreak reports whether SnakeYAML treats r as a line break.
func isBreak(r rune) bool { return strings.ContainsRune("\n\u0085\u2028\u2029", r) }
