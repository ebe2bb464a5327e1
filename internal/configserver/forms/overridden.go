package forms

import (
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// overridden are the keys, of those merged, in whose place an earlier source has something else: a list
// instead of a scalar or an object, or one of these instead of a list.
func overridden(env environment.Environment, keys []string) map[string]bool {
	lists, lost := map[string]int{}, map[string]bool{}
	for _, key := range keys {
		if name := listOf(key); name != "" {
			lists[name] = owner(env, key)
		}
	}
	omitted := map[string]bool{}
	for _, key := range keys {
		of := owner(env, key)
		for name := range placesOf(key) {
			if other, isList := lists[name]; isList && other < of {
				omitted[key] = true
			} else if isList && other > of {
				lost[name] = true
			}
		}
	}
	for _, key := range keys {
		if lost[listOf(key)] {
			omitted[key] = true
		}
	}
	return omitted
}

// owner is the number of the first source with a key.
func owner(env environment.Environment, key string) int {
	for i, source := range env.PropertySources {
		if _, has := source.Source[key]; has {
			return i
		}
	}
	return len(env.PropertySources)
}

// listOf is the list whose item a key is, or empty: a.b for a.b[0].c.
func listOf(key string) string {
	name, rest, _ := strings.Cut(key, "[")
	if index, _, closed := strings.Cut(rest, "]"); closed && isInteger(index) {
		return name
	}
	return ""
}

// placesOf yields what a key makes an object or a scalar, up to its first list: a and a.b for
// the keys a.b and a.b.c[0].
func placesOf(key string) func(func(string) bool) {
	isList := listOf(key) != ""
	name, _, _ := strings.Cut(key, "[")
	return func(yield func(string) bool) {
		for i := range name {
			if name[i] == '.' && !yield(name[:i]) {
				return
			}
		}
		if !isList {
			yield(key)
		}
	}
}
