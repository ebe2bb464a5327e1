package forms

import (
	"bytes"
	"strings"
)

// A dumper writes YAML, and knows the column at which it is: of UTF-16 units, as Java counts.
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

// indent begins a line, unless this one is empty as far as to the column.
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

// units is how many UTF-16 units a text has.
func units(text string) (n int) {
	for _, r := range text {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// isBreak tells what SnakeYAML takes for the end of a line.
func isBreak(r rune) bool { return strings.ContainsRune("\n\u0085\u2028\u2029", r) }
