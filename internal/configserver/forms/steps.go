package forms

import (
	"fmt"
	"strconv"
	"strings"
)

// A step is a key of an object, or the index of an item.
type step struct {
	name    string
	isIndex bool
}

// steps takes a flat key apart: at dots, and at brackets, which hold an index, or a key in which a dot is part of the
// key, as in Spring Boot's names of properties. Brackets that do not end before a dot, a bracket or the end of the key
// are part of it.
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

// Bracketed is what is between the brackets at the start of a text, and the text behind them, which is empty or starts
// with a dot or a bracket.
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

// untilStep is a name up to the next dot or bracket, and what follows.
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

// isIndex tells a number without a sign and leading zeros.
func isIndex(text string) bool {
	index, err := strconv.Atoi(text)
	return err == nil && index >= 0 && strconv.Itoa(index) == text
}
