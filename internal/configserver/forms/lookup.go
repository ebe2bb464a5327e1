package forms

import "strings"

// find follows a path of keys and indices. A key may itself have dots: the longest that is there
// is tried first.
func find(value any, path string) (any, bool) {
	if path == "" {
		return value, true
	}
	switch value := value.(type) {
	case map[string]any:
		for end := len(path); end > 0; end = strings.LastIndexAny(path[:end], ".[") {
			child, ok := value[path[:end]]
			if !ok {
				continue
			}
			if found, ok := find(child, strings.TrimPrefix(path[end:], ".")); ok {
				return found, true
			}
		}
	case []any:
		digits, rest, ok := strings.Cut(strings.TrimPrefix(path, "["), "]")
		index, isIndex := parseIndex(digits)
		if ok && isIndex && strings.HasPrefix(path, "[") && index < len(value) {
			return find(value[index], strings.TrimPrefix(rest, "."))
		}
	}
	return nil, false
}
