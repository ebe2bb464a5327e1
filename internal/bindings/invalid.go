package bindings

import (
	"encoding/json"
	"fmt"
	"strings"
)

// syntaxError means that a text is not JSON.
type syntaxError struct {
	offset int    // in bytes, of the offending part
	text   string // says where, in bytes
	want   string
}

func (e *syntaxError) Error() string { return "it is not JSON: " + e.text }

// shapeError means that JSON does not have the shape of VCAP_SERVICES.
type shapeError struct {
	path              []any // keys and indexes that lead to the value
	what, found, want string
}

func (e *shapeError) Error() string {
	return fmt.Sprintf("%s: found %s; expected %s", e.what, e.found, e.want)
}

func unexpected(what string, found any, want string, path ...any) error {
	return &shapeError{path: path, what: what, found: kindOf(found), want: want}
}

// kindOf says of what kind a value is, without the value.
func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case string:
		return "text"
	case json.Number:
		return "a number"
	case bool:
		return "true or false"
	case []any:
		return "a list"
	default:
		return "an object"
	}
}

// wantedAt says what would be valid at a syntax error. The parser has that only in its text, after the character
// that it found.
func wantedAt(err *json.SyntaxError) string {
	for _, known := range []struct{ context, want string }{
		{"beginning of object key string", "a key in double quotes"},
		{"beginning of value", "a value: an object, a list, text in double quotes, a number, true, false or null"},
		{"after object key:value pair", "a comma and the next key, or } where the object ends"},
		{"after object key", "a colon and a value"},
		{"after array element", "a comma and the next value, or ] where the list ends"},
		{"in string literal", `text in which a line feed is written as \n, and a tab as \t`},
		{"in string escape code", `an escape such as \n, \" or \\`},
	} {
		if strings.HasSuffix(err.Error(), known.context) {
			return known.want
		}
	}
	return "JSON"
}
