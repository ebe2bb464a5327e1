package sidecar

import (
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

// selectorKeys are the keys of a selector that is a mapping.
var selectorKeys = []string{"name", "label", "tag"}

const wantSelector = "a name, label or tag of a service, such as apm, or a mapping with name, label or tag"

// selector says which bound service is meant: a text matches any of its names, its label and its
// tags; of a mapping, every key has to match.
var selector = kind[*bindings.Selector]{
	read: func(w *decoder, node *yaml.Node, what string) *bindings.Selector {
		switch {
		case node.Kind == yaml.MappingNode:
			return w.readSelector(node, what)
		case node.Kind != yaml.ScalarNode:
			w.problem(node, what, describe(node), wantSelector)
			return nil
		}
		text, ok := w.readText(node, what, MaxNameLength)
		if !ok {
			return nil
		}
		return &bindings.Selector{Any: text}
	},
	shown: func(s *bindings.Selector) []string {
		if s == nil {
			return nil
		}
		return []string{s.String()}
	},
	fromVariable: func(text string) *yaml.Node {
		if strings.HasPrefix(strings.TrimSpace(text), "{") {
			return yamlNode(text)
		}
		return textNode(text)
	},
	schema: schema{"anyOf": []schema{textSchema(MaxNameLength), {
		"type": "object", "minProperties": 1, "additionalProperties": false,
		"properties": schema{"name": textSchema(MaxNameLength), "label": textSchema(MaxNameLength), "tag": textSchema(MaxNameLength)},
	}}},
}

func (w *decoder) readSelector(node *yaml.Node, what string) *bindings.Selector {
	var s bindings.Selector
	places := map[string]*string{"name": &s.Name, "label": &s.Label, "tag": &s.Tag}
	right := true
	for _, p := range w.pairs(node, what) {
		target, known := places[p.key.Value]
		if !known || p.key.Kind != yaml.ScalarNode {
			w.unknownKey(p.key, what, selectorKeys, "one of the keys "+strings.Join(selectorKeys, ", "))
			right = false
			continue
		}
		text, ok := w.readText(p.value, what+": "+p.key.Value, MaxNameLength)
		*target, right = text, right && ok
	}
	if right && s.IsZero() {
		w.problem(node, what, "an empty mapping", wantSelector)
	}
	if !right || s.IsZero() {
		return nil
	}
	return &s
}
