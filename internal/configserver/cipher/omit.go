package cipher

import (
	"maps"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// Omit returns an environment without the keys for values that could not be decrypted, here or by the server
// that answered: invalid.KEY with the value <n/a>.
func Omit(env environment.Environment) environment.Environment {
	env.PropertySources = slices.Clone(env.PropertySources)
	for i, source := range env.PropertySources {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(source.Source)), func(key string) bool { return isInvalid(key, source.Source[key]) }) {
			continue
		}
		values := maps.Clone(source.Source)
		maps.DeleteFunc(values, isInvalid)
		env.PropertySources[i].Source = values
	}
	return env
}

// Undecrypted returns the keys that Omit leaves out, by their original names, sorted and without duplicates.
func Undecrypted(env environment.Environment) []string {
	var keys []string
	for _, source := range env.PropertySources {
		for key, value := range source.Source {
			if isInvalid(key, value) {
				keys = append(keys, strings.TrimPrefix(key, invalidPrefix))
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func isInvalid(key string, value any) bool {
	return value == invalidValue && strings.HasPrefix(key, invalidPrefix)
}
