package bindings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Example is a minimal VCAP_SERVICES, for messages.
const Example = `{"user-provided": [{"name": "my-db", "credentials": {"uri": "..."}}]}`

// InvalidError says what is wrong with bindings that a person has written, and where. It quotes no value.
type InvalidError struct {
	Line, Column      int // from 1; columns count characters
	What, Found, Want string
}

// Error starts with line and column, to follow a file's name and a colon.
func (e *InvalidError) Error() string {
	return fmt.Sprintf("%d:%d: %s: found %s; expected %s", e.Line, e.Column, e.What, e.Found, e.Want)
}

// Check returns nil if the text is valid JSON of VCAP_SERVICES, and each binding has a name, as Cloud Controller
// ensures. Otherwise, it returns an *InvalidError.
func Check(content []byte) error {
	all, err := Parse(content)
	var syntax *syntaxError
	var shape *shapeError
	switch {
	case errors.As(err, &syntax):
		return invalid(content, syntax.offset, "not JSON", characterAt(content, syntax.offset), syntax.want)
	case errors.As(err, &shape):
		return shape.invalid(content)
	case err != nil:
		return err
	}
	if !hasUnnamed(all) {
		return nil
	}
	return findUnnamed(content).invalid(content)
}

func hasUnnamed(all []Binding) bool {
	for _, b := range all {
		if strings.TrimSpace(b.Name) == "" {
			return true
		}
	}
	return false
}

// findUnnamed returns the first binding without a name. The content must be valid.
func findUnnamed(content []byte) *shapeError {
	unnamed := &shapeError{what: "a binding", found: "no name", want: `the key "name" with the name of the service`}
	var labels map[string][]json.RawMessage
	if err := json.Unmarshal(content, &labels); err != nil {
		return unnamed // Parse has decoded it
	}
	first := len(content)
	for label, list := range labels {
		for i, item := range list {
			one, err := Parse([]byte(`{"label": [` + string(item) + `]}`))
			if err != nil || !hasUnnamed(one) {
				continue
			}
			if at := offsetOf(content, []any{label, i}); at < first {
				first, unnamed.path = at, []any{label, i}
			}
		}
	}
	return unnamed
}

func (e *shapeError) invalid(content []byte) error {
	want := e.want
	switch {
	case len(e.path) == 0, len(e.path) == 1 && e.path[0] != ServicesVariable:
		want += ", as in " + Example
	case len(e.path) == 1:
		want = "the object below this key alone, as in " + Example
	}
	return invalid(content, offsetOf(content, e.path), e.what, e.found, want)
}

func invalid(content []byte, offset int, what, found, want string) error {
	offset = min(offset, len(content))
	before := content[:offset]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + utf8.RuneCount(before[1+bytes.LastIndexByte(before, '\n'):])
	return &InvalidError{Line: line, Column: column, What: what, Found: found, Want: want}
}

// characterAt quotes the character at an offset if it is punctuation such as , or '; for any other, it only says
// of what kind it is.
func characterAt(content []byte, offset int) string {
	char, _ := utf8.DecodeRune(content[min(offset, len(content)):])
	switch {
	case offset >= len(content):
		return "the end"
	case char == '\n', char == '\r':
		return "the end of the line"
	case unicode.IsLetter(char):
		return "a letter"
	case unicode.IsDigit(char):
		return "a digit"
	case char < utf8.RuneSelf && unicode.IsPrint(char):
		return strconv.QuoteRune(char)
	default:
		return "a character that cannot be there"
	}
}

// offsetOf returns where in valid JSON the value at a path of keys and indexes starts.
func offsetOf(content []byte, path []any) int {
	at := leadingSpace(content)
	for _, step := range path {
		at = memberOffset(content, at, step)
	}
	return at
}

// memberOffset returns where a member of an object or list starts that itself starts at an offset. Of duplicate
// keys, the last counts.
func memberOffset(content []byte, at int, step any) int {
	decoder := json.NewDecoder(bytes.NewReader(content[at:]))
	opening, err := decoder.Token()
	if err != nil {
		return at
	}
	found := at
	for i := 0; decoder.More(); i++ {
		var key any = i
		if opening == json.Delim('{') {
			if key, err = decoder.Token(); err != nil {
				return found
			}
		}
		start := at + int(decoder.InputOffset())
		start += len(content[start:]) - len(bytes.TrimLeft(content[start:], " \t\r\n:,"))
		if key == step {
			found = start
		}
		var skipped json.RawMessage
		if err := decoder.Decode(&skipped); err != nil {
			return found
		}
	}
	return found
}
