package forms

import "strings"

// part is literal text, or a placeholder with the text between its braces.
type part struct {
	text        string
	placeholder bool
	nested      bool // its text contains placeholders
	key         []part
	fallback    []part
	hasFallback bool
}

// parsePlaceholders splits a text into parts. A ${ without its } is literal text.
func parsePlaceholders(text string, escapes bool) ([]part, error) {
	ends, err := closingBraces(text)
	if err != nil {
		return nil, err
	}
	p := parser{text: text, escapes: escapes, ends: ends}
	return p.parse(0, len(text)), nil
}

// closingBraces returns, for each ${, the position of its }, or -1. Other braces in between must be in pairs.
func closingBraces(text string) ([]int, error) {
	var ends, open []int // open holds the indices in ends of unclosed braces; -1 is a brace without a $
	for i := range len(text) {
		switch {
		case text[i] == '{' && i > 0 && text[i-1] == '$':
			open, ends = append(open, len(ends)), append(ends, -1)
		case text[i] == '{':
			open = append(open, -1)
		case text[i] == '}' && len(open) > 0:
			if last := open[len(open)-1]; last >= 0 {
				ends[last] = i
			}
			open = open[:len(open)-1]
		}
		if len(ends) > maxPlaceholders {
			return nil, errPlaceholders
		}
	}
	return ends, checkNesting(text, ends)
}

// checkNesting fails if placeholders are nested too deeply.
func checkNesting(text string, ends []int) error {
	var open []int // where the open ones end
	position := 0
	for _, end := range ends {
		position += strings.Index(text[position:], "${") + len("${")
		for len(open) > 0 && open[len(open)-1] < position {
			open = open[:len(open)-1]
		}
		if end >= 0 {
			open = append(open, end)
		}
		if len(open) > maxNesting {
			return errNesting
		}
	}
	return nil
}

// parser reads a text once, from left to right.
type parser struct {
	text    string
	escapes bool
	ends    []int // of the remaining ${
}

func (p *parser) parse(start, end int) (parts []part) {
	from := start
	for at := p.next(start, end); at >= 0; {
		closing, inner := p.ends[0], at+len("${")
		p.ends = p.ends[1:]
		switch {
		case closing < 0:
			parts = addText(parts, p.text[from:inner])
			from = inner
		case p.isEscaped(at, start):
			if from < at-1 {
				parts = addText(parts, p.text[from:at-1])
			}
			parts = addText(parts, "${")
			from = inner
		default:
			parts = addText(parts, p.text[from:at])
			parts = append(parts, p.placeholder(inner, closing))
			from = closing + 1
		}
		at = p.next(from, end)
	}
	return addText(parts, p.text[from:end])
}

// next returns the position of the next ${.
func (p *parser) next(start, end int) int {
	if i := strings.Index(p.text[start:end], "${"); i >= 0 {
		return start + i
	}
	return -1
}

func (p *parser) isEscaped(at, start int) bool {
	return p.escapes && at > start && p.text[at-1] == '\\'
}

func addText(parts []part, text string) []part {
	if text == "" {
		return parts
	}
	if last := len(parts) - 1; last >= 0 && !parts[last].placeholder {
		parts[last].text += text
		return parts
	}
	return append(parts, part{text: text})
}

// placeholder returns the placeholder between two braces. A colon in its text separates the key from the
// default.
func (p *parser) placeholder(start, end int) part {
	found := part{text: p.text[start:end], placeholder: true, nested: p.next(start, end) >= 0}
	inner := []part{{text: found.text}}
	if found.nested {
		inner = p.parse(start, end)
	}
	for i, piece := range inner {
		if piece.placeholder {
			found.key = append(found.key, piece)
			continue
		}
		key, fallback, hasFallback := p.cut(piece.text)
		found.key = append(found.key, part{text: key})
		if hasFallback {
			found.fallback, found.hasFallback = append([]part{{text: fallback}}, inner[i+1:]...), true
			break
		}
	}
	return found
}

// cut splits at the first colon, and removes the backslash from escaped colons.
func (p *parser) cut(text string) (key, fallback string, found bool) {
	if !p.escapes {
		return strings.Cut(text, ":")
	}
	var out strings.Builder
	for i := range len(text) {
		switch {
		case text[i] == '\\' && i+1 < len(text) && text[i+1] == ':':
		case text[i] == ':' && (i == 0 || text[i-1] != '\\'):
			return out.String(), text[i+1:], true
		default:
			out.WriteByte(text[i])
		}
	}
	return out.String(), "", false
}
