package bindings

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"slices"
)

// Parse decodes the JSON of VCAP_SERVICES: an object with a list of bindings for each label. The result is
// sorted by name. The error says what was found and what was expected, and quotes nothing from the content.
func Parse(content []byte) ([]Binding, error) {
	labels, err := object(content)
	if err != nil {
		return nil, err
	}
	var raw map[string][]map[string]json.RawMessage
	_ = json.Unmarshal(content, &raw) // other types are reported below
	var all []Binding
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		list, ok := labels[label].([]any)
		if !ok {
			return nil, unexpected("a label", labels[label], "a list of bindings", label)
		}
		for i, item := range list {
			fields, ok := item.(map[string]any)
			if !ok {
				return nil, unexpected("a binding", item, "an object", label, i)
			}
			binding, err := parseBinding(label, fields)
			var shape *shapeError
			if errors.As(err, &shape) {
				shape.path = append([]any{label, i}, shape.path...)
			}
			if err != nil {
				return nil, err
			}
			binding.Written = structured(raw[label][i]["credentials"])
			all = append(all, binding)
		}
	}
	sortByName(all)
	return all, nil
}

func parseBinding(label string, fields map[string]any) (Binding, error) {
	b := Binding{Label: label}
	var bindingName string
	for key, into := range map[string]*string{
		"name": &b.Name, "instance_name": &b.InstanceName, "binding_name": &bindingName, "label": &b.Label, "plan": &b.Plan,
	} {
		switch value := fields[key].(type) {
		case nil:
		case string:
			*into = value
		default:
			return b, unexpected("a binding's "+key, value, "text", key)
		}
	}
	if b.Name == "" {
		b.Name = cmp.Or(bindingName, b.InstanceName)
	}
	if b.InstanceName == "" {
		b.InstanceName = b.Name
	}
	var err error
	if b.Tags, err = parseTags(fields["tags"]); err != nil {
		return b, err
	}
	switch credentials := fields["credentials"].(type) {
	case nil:
	case map[string]any:
		b.Credentials = credentials
	default:
		return b, unexpected("a binding's credentials", credentials, "an object", "credentials")
	}
	b.Type = b.Label
	if said, ok := b.Credentials["type"].(string); ok {
		b.Type = said
	}
	return b, nil
}

func parseTags(value any) ([]string, error) {
	if value == nil {
		return nil, nil
	}
	list, ok := value.([]any)
	if !ok {
		return nil, unexpected("a binding's tags", value, "a list of texts", "tags")
	}
	var tags []string
	for i, item := range list {
		tag, ok := item.(string)
		if !ok {
			return nil, unexpected("a binding's tag", item, "text", "tags", i)
		}
		tags = append(tags, tag)
	}
	return tags, nil
}

// object decodes a JSON object.
func object(content []byte) (map[string]any, error) {
	decoded, err := decode(content)
	if err != nil {
		return nil, err
	}
	fields, ok := decoded.(map[string]any)
	if !ok {
		return nil, unexpected("the JSON", decoded, "an object")
	}
	return fields, nil
}
