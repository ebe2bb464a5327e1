package sidecar

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// onChangeKeys are the keys of on-change, in the order in which messages list them.
var onChangeKeys = []string{"signal", "post", "port"}

// onChange says how a sidecar notifies the app of changes.
var onChange = kind[*supervision.OnChange]{
	read:         readOnChange,
	shown:        shownOnChange,
	fromVariable: yamlNode,
	schema: schema{
		"type": "object", "additionalProperties": false,
		"properties": map[string]schema{"signal": signalSchema, "post": endpoint.schema, "port": port.schema},
		"oneOf":      []schema{{"required": []string{"signal"}, "properties": map[string]any{"port": false}}, {"required": []string{"post"}}},
	},
}

func readOnChange(w *decoder, node *yaml.Node, what string) *supervision.OnChange {
	if node.Kind != yaml.MappingNode {
		w.problem(node, what, notMapping, "a mapping such as {signal: HUP} or {post: /actuator/refresh}")
		return nil
	}
	on := &supervision.OnChange{}
	stated, unknown := map[string]bool{}, false
	for _, p := range w.pairs(node, what) {
		key := p.key.Value
		if !slices.Contains(onChangeKeys, key) || p.key.Kind != yaml.ScalarNode {
			w.unknownKey(p.key, what, onChangeKeys, "one of the keys "+strings.Join(onChangeKeys, ", "))
			unknown = true
			continue
		}
		if isNull(p.value) {
			continue
		}
		stated[key] = true
		switch key {
		case "signal":
			on.Signal = w.signal(p.value, what+": signal", "; or the key post in its place")
		case "post":
			on.Post = endpoint.read(w, p.value, what+": post")
		case "port":
			on.Port = port.read(w, p.value, what+": port")
		}
	}
	switch {
	case stated["signal"] && stated["post"]:
		w.problem(node, what, "both a signal and post", "one of them")
	case !stated["signal"] && !stated["post"] && !unknown:
		w.problem(node, what, "neither a signal nor post", "one of them: how the app is told of changes")
	case stated["signal"] && stated["port"]:
		w.problem(node, what, "a port without post", "the key post with the path of a URL, such as /actuator/refresh")
	}
	return on
}

// shownOnChange describes it for a log.
func shownOnChange(on *supervision.OnChange) []string {
	switch {
	case on == nil:
		return nil
	case on.Signal != "":
		return []string{"SIG" + on.Signal}
	case on.Port != "":
		return []string{"POST " + on.Post + " at port " + on.Port}
	default:
		return []string{"POST " + on.Post}
	}
}
