package bindings

import "strings"

// Value returns the credential at a path of keys separated by dots, such as "uri", "tls.ca" for a member of an
// object, or "hosts.0" for the first item of a list. Keys may themselves contain dots: the longest key is tried
// first. Null counts as not found.
//
// The value is a string, json.Number, bool, []any or map[string]any. In the directory form, top-level numbers
// and booleans are text; objects and lists are decoded if they are written without white space, as the platform
// does.
func (b Binding) Value(path string) (value any, found bool) {
	value = valueAt(b.Credentials, path)
	return value, value != nil
}

// IsNull reports whether the path leads to null, so that Value finds nothing.
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

// Text returns the credential at a path: text as it is, even if it looks like JSON, everything else as JSON.
func (b Binding) Text(path string) (text string, found bool) {
	if text := b.originalText(path); text != "" {
		return text, true
	}
	return textOf(valueAt(b.Credentials, path))
}

// valueAt returns nil if there is nothing at the path.
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
