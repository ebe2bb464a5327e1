package bindings

import "strings"

// Value is the credential at a path with a dot between its keys, such as "uri",
// "tls.ca" for one in an object, or "hosts.0" for the first item of a list. A key that has
// a dot itself is found, too: the longest key goes first. Null counts as not found.
//
// The value is a string, json.Number, bool, []any or map[string]any. In the directory form
// numbers and booleans of the top level are text; an object or a list is one where the file has it
// as the platform writes it, without white space.
func (b Binding) Value(path string) (value any, found bool) {
	value = valueAt(b.Credentials, path)
	return value, value != nil
}

// IsNull tells whether Value finds nothing because null is at the path.
func (b Binding) IsNull(path string) bool {
	return valueAt(b.Credentials, path) == nil && isNull(b.Credentials, path)
}

func isNull(value any, path string) bool {
	for end := len(path); end >= 0; end = strings.LastIndexByte(path[:end], '.') {
		held, has := member(value, path[:end])
		if has && (end == len(path) && held == nil || end < len(path) && isNull(held, path[end+len("."):])) {
			return true
		}
	}
	return false
}

// Text is the credential at a path: text as it is, even if it looks like JSON, all else as JSON.
func (b Binding) Text(path string) (text string, found bool) {
	if text, found := b.Structured[path]; found {
		return text, true
	}
	return textOf(valueAt(b.Credentials, path))
}

// valueAt is nil where nothing is.
func valueAt(value any, path string) any {
	for end := len(path); end >= 0; end = strings.LastIndexByte(path[:end], '.') {
		next := child(value, path[:end])
		if next != nil && end < len(path) {
			next = valueAt(next, path[end+len("."):])
		}
		if next != nil {
			return next
		}
	}
	return nil
}
