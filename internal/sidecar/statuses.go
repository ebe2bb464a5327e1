package sidecar

import (
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// statuses selects HTTP statuses: one, a range, or a list of both. As text they have the form of
// supervision.ParseStatuses.
var statuses = kind[string]{
	read: func(w *decoder, node *yaml.Node, what string) string {
		items := []*yaml.Node{node}
		if node.Kind == yaml.SequenceNode {
			items = node.Content
		}
		const want = "a status from 200 to 599, a range such as 200-399, or a list of both"
		if len(items) == 0 {
			w.problem(node, what, "an empty list", want)
		}
		var all []string
		for _, item := range items {
			item = follow(item)
			text := decimal(item)
			if _, err := supervision.ParseStatuses(text); item.Kind != yaml.ScalarNode || err != nil {
				w.problem(item, what, describe(item), want)
				return ""
			}
			all = append(all, text)
		}
		return strings.Join(all, ",")
	},
	shown: shownText, fromVariable: listNode,
	schema: schema{"anyOf": []schema{statusSchema, {"type": "array", "items": statusSchema, "minItems": 1}}},
}

var statusSchema = schema{"anyOf": []schema{
	{"type": "integer", "minimum": 200, "maximum": 599},
	{"type": "string", "pattern": `^\s*[2-5][0-9]{2}(-[2-5][0-9]{2})?\s*(,\s*[2-5][0-9]{2}(-[2-5][0-9]{2})?\s*)*$`},
}}
