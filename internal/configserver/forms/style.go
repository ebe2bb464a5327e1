package forms

import (
	"strings"
	"unicode/utf16"
)

// width is the column after which SnakeYAML breaks a line at the next blank.
const width = 80

// unfolded is the indent of texts that stay on one line.
const unfolded = -1

func (d *dumper) plain(text string, indent int) { d.fold(text, indent) }

func (d *dumper) singleQuoted(text string, indent int) {
	d.write("'")
	d.fold(strings.ReplaceAll(text, "'", "''"), indent)
	d.write("'")
}

// fold writes words, and replaces a single blank with a line break once the column is past the width. Leading
// and trailing blanks stay.
func (d *dumper) fold(text string, indent int) {
	for i := 0; i < len(text); {
		word := strings.IndexByte(text[i:], ' ')
		if word < 0 {
			d.write(text[i:])
			return
		}
		d.write(text[i : i+word])
		i += word
		blanks := len(text[i:]) - len(strings.TrimLeft(text[i:], " "))
		if blanks == 1 && i > 0 && i+1 < len(text) && d.column > width && indent != unfolded {
			d.indent(indent)
		} else {
			d.write(text[i : i+blanks])
		}
		i += blanks
	}
}

// escapes maps characters to what follows the backslash in double quotes.
var escapes = map[uint16]string{'\t': "t", '\n': "n", '\r': "r", '"': `"`, '\\': `\`, 0x85: "N", 0xa0: "_", 0x2028: "L", 0x2029: "P"}

// doubleQuoted breaks lines past the width, at blanks and after characters that are escaped or not ASCII, with a
// trailing backslash.
func (d *dumper) doubleQuoted(text string, indent int) {
	d.write(`"`)
	all := utf16.Encode([]rune(text))
	start, end := 0, 0
	flush := func() {
		d.write(string(utf16.Decode(all[start:end])))
		start = end
	}
	for ; end < len(all); end++ {
		if unit := all[end]; unit < ' ' || unit > '~' || unit == '"' || unit == '\\' {
			flush()
			length := 1
			if utf16.IsSurrogate(rune(unit)) {
				length = 2
			}
			if escape, ok := escapes[unit]; ok {
				d.write(`\` + escape)
			} else {
				d.write(string(utf16.Decode(all[start : start+length])))
			}
			start += length
			end += length - 1
		}
		past := d.column+end-start > width
		if past && indent != unfolded && end > 0 && end < len(all)-1 && (all[end] == ' ' || start >= end) {
			if start < end {
				flush()
			}
			d.write(`\`)
			d.indent(indent)
			if all[start] == ' ' {
				d.write(`\`)
			}
		}
	}
	flush()
	d.write(`"`)
}

// literal writes the lines of a text as they are. Its header says how many line breaks follow: none (-), one, or
// more (+), and states the indentation if the text starts with a blank.
func (d *dumper) literal(text string, indent int) {
	header := "|"
	runes := []rune(text)
	last := len(runes) - 1
	if runes[0] == ' ' || isBreak(runes[0]) {
		header += "2"
	}
	switch {
	case !isBreak(runes[last]):
		header += "-"
	case last == 0 || isBreak(runes[last-1]):
		header += "+"
	}
	d.out.WriteString(header + "\n")
	atStart := true
	for _, r := range runes {
		if atStart && !isBreak(r) {
			d.out.WriteString(strings.Repeat(" ", indent))
		}
		atStart = isBreak(r)
		d.out.WriteRune(r)
	}
	if !atStart {
		d.out.WriteByte('\n')
	}
	d.column = 0
}
