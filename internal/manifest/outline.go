package manifest

import (
	"slices"

	"gopkg.in/yaml.v3"
)

// AppNames returns the names of a manifest's apps, as far as they can be read without the values of
// its variables; for shell completion.
func AppNames(content []byte) []string {
	var outline struct {
		Applications []struct {
			Name yaml.Node
		}
	}
	if bounded(content) != nil || yaml.Unmarshal(content, &outline) != nil {
		return nil
	}
	var names []string
	for _, app := range outline.Applications {
		if app.Name.Kind == yaml.ScalarNode && app.Name.Value != "" && !placeholder.MatchString(app.Name.Value) {
			names = append(names, app.Name.Value)
		}
	}
	return names
}

// Placeholders returns the sorted names of the variables that a manifest needs.
func Placeholders(content []byte) []string {
	var names []string
	for _, match := range placeholder.FindAllSubmatch(content, -1) {
		names = append(names, string(match[1]))
	}
	slices.Sort(names)
	return slices.Compact(names)
}
