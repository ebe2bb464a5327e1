package render

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// toYAML writes a value as YAML on one line: text in double quotes, which YAML 1.1 and 1.2 read
// alike, a list in brackets, an object in braces.
func toYAML(value any) (string, error) {
	simple, err := simplify(value)
	if err != nil {
		return "", err
	}
	written, err := yaml.Marshal(yamlNode(simple))
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(string(written), "\n"), nil
}

func yamlNode(value any) *yaml.Node {
	switch value := value.(type) {
	case string:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: value}
	case json.Number:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: yamlNumber(value.String())}
	case bool:
		if value {
			return &yaml.Node{Kind: yaml.ScalarNode, Value: "true"}
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Value: "false"}
	case []any:
		list := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		for _, item := range value {
			list.Content = append(list.Content, yamlNode(item))
		}
		return list
	case map[string]any:
		object := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
		for _, key := range slices.Sorted(maps.Keys(value)) {
			object.Content = append(object.Content, yamlNode(key), yamlNode(value[key]))
		}
		return object
	default:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: "null"}
	}
}

// yamlNumber converts a JSON number so that YAML 1.1 also reads it as one. YAML 1.1 takes 1e3 for
// text: a number with an exponent needs a dot, and the exponent a sign.
func yamlNumber(number string) string {
	mantissa, exponent, found := strings.Cut(strings.ToLower(number), "e")
	if !found {
		return number
	}
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	if !strings.HasPrefix(exponent, "-") && !strings.HasPrefix(exponent, "+") {
		exponent = "+" + exponent
	}
	return mantissa + "e" + exponent
}
