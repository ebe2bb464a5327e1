package manifest

import (
	"slices"

	"gopkg.in/yaml.v3"
)

// AppNames are those of the apps of a manifest, as far as it can be read without the values of
// its variables. For what a person is writing, such as in a shell.
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

// Placeholders are the names of the variables that a manifest needs values for, sorted.
func Placeholders(content []byte) []string {
	var names []string
	for _, match := range placeholder.FindAllSubmatch(content, -1) {
		names = append(names, string(match[1]))
	}
	slices.Sort(names)
	return slices.Compact(names)
}
