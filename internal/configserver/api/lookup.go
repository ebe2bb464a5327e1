package api

import (
	"strconv"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/forms"
)

// separators are the characters that separate the keys of a path.
const separators = "./["

// maxKeys limits the separators in a path, unless the path is itself a key. Each separator costs several
// attempts.
const maxKeys = 64

// lookup returns the value at a path in decoded JSON, such as db.url, db/url, users[0].name or paths[a.b]. Keys
// may themselves contain separators: the longest key that exists wins.
func lookup(tree any, path string) (value any, found bool) {
	if object, ok := tree.(map[string]any); ok {
		if value, found := object[path]; found {
			return value, true
		}
	}
	count := 0
	for _, separator := range separators {
		count += strings.Count(path, string(separator))
	}
	if count > maxKeys {
		return nil, false
	}
	if value, found := step(tree, path); found {
		return value, true
	}
	if trimmed, is := strings.CutSuffix(path, "/"); is { // as keyPath does with an unescaped one
		return step(tree, trimmed)
	}
	return nil, false
}

// step follows the first key or index of a path. The path may be empty.
func step(tree any, path string) (value any, found bool) {
	if content, after, ok := forms.Bracketed(path); ok {
		if child, has := child(tree, content); has {
			if value, found := follow(child, after); found {
				return value, true
			}
		}
	}
	if value, found := longestKey(tree, path, asItIs); found {
		return value, true
	}
	return longestKey(tree, path, withDots)
}

// longestKey follows the longest key at the start of a path that leads to a value.
func longestKey(tree any, path string, spelling func(part string) (key string, ok bool)) (value any, found bool) {
	for end := len(path); end >= 0; end = strings.LastIndexAny(path[:end], separators) {
		key, ok := spelling(path[:end])
		if !ok {
			continue
		}
		if child, has := child(tree, key); has {
			if value, found := follow(child, path[end:]); found {
				return value, true
			}
		}
	}
	return nil, false
}

// follow continues with the rest of a path, which is empty or starts with a separator.
func follow(tree any, rest string) (value any, found bool) {
	switch {
	case rest == "":
		return tree, true
	case rest[0] == '[':
		return step(tree, rest)
	default:
		return step(tree, rest[1:])
	}
}

// child returns an object's value for a key, or a list's item at an index.
func child(tree any, key string) (value any, found bool) {
	switch tree := tree.(type) {
	case map[string]any:
		value, found = tree[key]
	case []any:
		if i, err := strconv.ParseUint(key, 10, 31); err == nil && i < uint64(len(tree)) {
			return tree[i], true
		}
	}
	return value, found
}

var dotted = strings.NewReplacer("/", ".", "[", ".", "]", "")

func asItIs(part string) (key string, ok bool) { return part, true }

// withDots returns the key a.b for a/b and for a[b].
func withDots(part string) (key string, ok bool) {
	key = dotted.Replace(part)
	return key, key != part && strings.Count(part, "[") == strings.Count(part, "]")
}
