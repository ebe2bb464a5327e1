package api

import (
	"strconv"
	"strings"
)

// lookup is the value at a path, such as db.url, db/url or users[0].name, in decoded JSON. Keys may have dots themselves: the
// longest that is there counts.
func lookup(tree any, path string) (value any, found bool) {
	return lookupSteps(tree, steps(path))
}

func lookupSteps(tree any, path []string) (value any, found bool) {
	if len(path) == 0 {
		return tree, true
	}
	switch tree := tree.(type) {
	case map[string]any:
		for n := len(path); n > 0; n-- {
			if held, has := tree[strings.Join(path[:n], ".")]; has {
				if value, found := lookupSteps(held, path[n:]); found {
					return value, true
				}
			}
		}
	case []any:
		if i, err := strconv.Atoi(path[0]); err == nil && i >= 0 && i < len(tree) {
			return lookupSteps(tree[i], path[1:])
		}
	}
	return nil, false
}

// maxSteps keeps a request from many attempts.
const maxSteps = 64

// steps are the keys and indexes of a path.
func steps(path string) []string {
	path = strings.NewReplacer("/", ".", "[", ".", "]", "").Replace(path)
	all := strings.Split(path, ".")
	if len(all) > maxSteps {
		return []string{""} // no key is empty
	}
	return all
}
