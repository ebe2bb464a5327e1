package forms

import (
	"fmt"
	"strconv"
	"strings"
)

// step is a key of an object, or an item's index.
type step struct {
	name    string
	isIndex bool
}

// steps splits a flat key at dots and brackets. Brackets contain an index, or a key whose dots are part of it,
// as in Spring Boot's property names. Brackets not followed by a dot, a bracket or the end of the key are part
// of the name.
func steps(key string) ([]step, error) {
	if strings.Count(key, ".")+strings.Count(key, "[") > maxDepth {
		return nil, fmt.Errorf("the key %.40q… has more than %d levels", key, maxDepth)
	}
	var all []step
	for rest := key; ; {
		name, after, isBracketed := Bracketed(rest)
		if !isBracketed {
			name, after = untilStep(rest)
		}
		all = append(all, step{name, isBracketed && isIndex(name)})
		if after == "" {
			return all, nil
		}
		rest = strings.TrimPrefix(after, ".")
	}
}

// Bracketed returns the text between the brackets at the start of a text, and the text after them, which is
// empty or starts with a dot or a bracket.
func Bracketed(text string) (content, after string, ok bool) {
	if !strings.HasPrefix(text, "[") {
		return "", "", false
	}
	open := 0
	for i := range len(text) {
		switch text[i] {
		case '[':
			open++
		case ']':
			open--
		}
		if open == 0 {
			content, after = text[1:i], text[i+1:]
			return content, after, content != "" && (after == "" || after[0] == '.' || after[0] == '[')
		}
	}
	return "", "", false
}

// untilStep splits a text at the next dot or bracket.
func untilStep(text string) (name, after string) {
	for i := range len(text) {
		if text[i] == '.' {
			return text[:i], text[i:]
		}
		if _, _, ok := Bracketed(text[i:]); ok {
			return text[:i], text[i:]
		}
	}
	return text, ""
}

// isIndex reports whether a text is a number without a sign or leading zeros.
func isIndex(text string) bool {
	index, err := strconv.Atoi(text)
	return err == nil && index >= 0 && strconv.Itoa(index) == text
}
