package forms

import (
	"fmt"
	"strconv"
	"strings"
)

// path is a flat key, and the rest of it that is yet to be followed.
type path struct{ key, rest string }

// What is below one part of a key.
const (
	leaf = iota
	inObject
	inList
)

// name takes the next name from the rest of the key, up to a dot or a bracket with a number. Other brackets are
// part of the name.
func (p *path) name() (name string, kind int, err error) {
	opening, end := -1, -1
scan:
	for i := range len(p.rest) {
		switch p.rest[i] {
		case '.':
			kind, end = inObject, i
			break scan
		case '[':
			opening = i
		case ']':
			if opening >= 0 && isInteger(p.rest[opening+1:i]) {
				kind, end = inList, opening
				break scan
			}
		}
	}
	if end == 0 {
		return "", 0, p.invalid()
	}
	if end < 0 {
		end = len(p.rest)
	}
	name, p.rest = p.rest[:end], p.rest[end:]
	p.rest = strings.TrimPrefix(p.rest, ".")
	return name, kind, nil
}

// index takes [number] from the rest of the key.
func (p *path) index() (index, kind int, err error) {
	digits, rest, ok := strings.Cut(p.rest[1:], "]")
	index, isIndex := parseIndex(digits)
	if !ok || !isIndex {
		return 0, 0, p.invalid()
	}
	switch {
	case rest == "":
		kind = leaf
	case rest[0] == '.':
		kind, rest = inObject, rest[1:]
	case rest[0] == '[':
		kind = inList
	default:
		return 0, 0, p.invalid()
	}
	p.rest = rest
	return index, kind, nil
}

func (p *path) invalid() error {
	return fmt.Errorf("%w key: %q is neither a name nor an item of a list", ErrInvalid, p.key)
}

// isInteger reports whether Java would parse a text as an int: a sign is allowed, and the value is below 2^31.
func isInteger(text string) bool {
	_, err := strconv.ParseInt(text, 10, 32)
	return err == nil
}

func parseIndex(digits string) (int, bool) {
	index, err := strconv.ParseUint(digits, 10, 31)
	return int(index), err == nil && !strings.HasPrefix(digits, "+")
}
