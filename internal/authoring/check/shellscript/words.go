package shellscript

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// literal returns a word without its quotes; "" if it has expansions.
func literal(word *syntax.Word) string {
	if word == nil {
		return ""
	}
	text, _ := expand(word.Parts, nil)
	return text
}

// expand returns the text of a word; false if it has expansions other than these variables.
func expand(parts []syntax.WordPart, variables map[string]string) (string, bool) {
	var text strings.Builder
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.Lit:
			text.WriteString(p.Value)
		case *syntax.SglQuoted:
			text.WriteString(p.Value)
		case *syntax.DblQuoted:
			inner, ok := expand(p.Parts, variables)
			if !ok {
				return "", false
			}
			text.WriteString(inner)
		case *syntax.ParamExp:
			value, ok := variables[p.Param.Value]
			if !ok || !(p.Short || isPlain(p)) {
				return "", false
			}
			text.WriteString(value)
		default:
			return "", false
		}
	}
	return text.String(), true
}

// isPlain reports whether an expansion is that of a variable's whole value.
func isPlain(p *syntax.ParamExp) bool {
	return !p.Length && !p.Excl && p.Slice == nil && p.Repl == nil && p.Index == nil && p.Exp == nil
}
