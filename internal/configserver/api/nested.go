package api

import (
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

func nested(e environment.Environment) any {
	tree := map[string]any{}
	for _, source := range e.PropertySources {
		for key, value := range source.Source {
			put(tree, strings.Split(key, "."), value)
		}
	}
	return tree
}

func put(tree map[string]any, path []string, value any) {
	if len(path) == 1 {
		if _, has := tree[path[0]]; !has {
			tree[path[0]] = value
		}
		return
	}
	held, has := tree[path[0]]
	below, ok := held.(map[string]any)
	if has && !ok {
		put(tree, []string{strings.Join(path, ".")}, value)
		return
	}
	if !has {
		below = map[string]any{}
		tree[path[0]] = below
	}
	put(below, path[1:], value)
}
