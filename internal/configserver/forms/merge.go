package forms

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// conditionKey holds the condition of a document in a file. It is not part of the configuration.
const conditionKey = "spring.profiles"

// merge combines the property sources into one object with flat keys. The first source that has a key wins; if
// the key belongs to a list (a[0], a[1].b), that source provides the whole list. Keys are in the order of
// Spring's maps: those of the last source first, and lists at the end.
func merge(env environment.Environment) *object {
	merged, lists := newObject(), map[string]*object{}
	var names []string // of lists
	for _, source := range slices.Backward(env.PropertySources) {
		current := map[string]*object{}
		for _, key := range source.Keys() {
			name, _, isList := strings.Cut(key, "[")
			if !isList {
				merged.set(key, source.Source[key])
				continue
			}
			if current[name] == nil {
				current[name] = newObject()
				if lists[name] == nil {
					names = append(names, name)
				}
				lists[name] = current[name]
			}
			current[name].set(key, source.Source[key])
		}
	}
	for _, name := range names {
		for _, key := range lists[name].keys {
			merged.set(key, lists[name].values[key])
		}
	}
	merged.remove(conditionKey)
	return merged
}

// text returns flat keys in the properties form.
func (o *object) text() string {
	var out strings.Builder
	for i, key := range o.keys {
		if i > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(key + ": " + text(o.values[key]))
	}
	return out.String()
}

// text returns a scalar as Java prints it.
func text(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case string:
		return value
	case bool:
		return strconv.FormatBool(value)
	case json.Number:
		return value.String()
	default:
		return fmt.Sprint(value)
	}
}
