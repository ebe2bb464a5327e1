package sidecar

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// reloadKeys are the keys of reload, in the order in which messages list them.
var reloadKeys = []string{"on", "signal", "restart"}

var signalSchema = schema{"type": "string", "pattern": "^(SIG)?(" + strings.Join(supervision.ReloadSignals, "|") + ")$"}

// reload says when and how a sidecar reads its files again.
var reload = kind[*supervision.Reload]{
	read:         readReload,
	shown:        shownReload,
	fromVariable: yamlNode,
	schema: schema{
		"type": "object", "required": []string{"on"}, "additionalProperties": false,
		"properties": map[string]schema{
			"on":      {"anyOf": []schema{textSchema(maxURILength), {"type": "array", "items": textSchema(maxURILength), "minItems": 1}}},
			"signal":  signalSchema,
			"restart": boolean.schema,
		},
		"oneOf": []schema{{"required": []string{"signal"}}, {"required": []string{"restart"}}},
	},
}

func readReload(w *decoder, node *yaml.Node, what string) *supervision.Reload {
	if node.Kind != yaml.MappingNode {
		w.problem(node, what, notMapping, "a mapping such as {on: [$CF_INSTANCE_CERT], signal: HUP}")
		return nil
	}
	r := &supervision.Reload{}
	stated := map[string]bool{}
	for _, p := range w.pairs(node, what) {
		key := p.key.Value
		if !slices.Contains(reloadKeys, key) || p.key.Kind != yaml.ScalarNode {
			w.unknownKey(p.key, what, reloadKeys, "one of the keys "+strings.Join(reloadKeys, ", "))
			continue
		}
		if isNull(p.value) {
			continue
		}
		stated[key] = true
		switch key {
		case "on":
			r.On = w.paths(p.value, what+": on")
		case "signal":
			r.Signal = w.signal(p.value, what+": signal", "; or restart: true in its place")
		case "restart":
			r.Restart = boolean.read(w, p.value, what+": restart")
			stated[key] = r.Restart
		}
	}
	switch {
	case !stated["on"]:
		w.problem(node, what, "no on", "the key on: which files are watched, such as [$CF_INSTANCE_CERT, bindings]")
	case stated["signal"] && stated["restart"]:
		w.problem(node, what, "both a signal and restart: true", "one of them")
	case !stated["signal"] && !stated["restart"]:
		w.problem(node, what, "neither a signal nor restart: true", "one of them: what is done when a file changes")
	}
	return r
}

// paths reads one path or a list of at least one.
func (w *decoder) paths(node *yaml.Node, what string) []string {
	items := []*yaml.Node{node}
	if node.Kind == yaml.SequenceNode {
		items = node.Content
	}
	if len(items) == 0 {
		w.problem(node, what, "an empty list", "paths of files, variables that hold one, such as $CF_INSTANCE_CERT, or bindings")
	}
	var all []string
	for _, item := range items {
		item = follow(item)
		path, ok := w.readText(item, what, maxURILength)
		if meant := otherThanFile(path); ok && meant != "" {
			w.report.add(Problem{At: w.at(item), What: what, Found: describe(item), Meant: meant, Want: "that, or ./" + path + " for a file of this name"})
		} else if ok && !slices.Contains(all, path) {
			all = append(all, path)
		}
	}
	return all
}

// pathVariables hold paths of files that the platform replaces.
var pathVariables = []string{"CF_INSTANCE_CERT", "CF_INSTANCE_KEY", "CF_SYSTEM_CERT_PATH", "VCAP_SERVICES_FILE_PATH", "SERVICE_BINDING_ROOT"}

// otherThanFile returns what was probably meant by the path of a file in the app's directory: the
// word for the files of bindings, or a variable. It is empty for other paths.
func otherThanFile(path string) string {
	switch {
	case slices.Contains(pathVariables, path):
		return "$" + path
	case path != supervision.ReloadBindings && !strings.ContainsAny(path, "./$"):
		return suggest.Name(path, []string{supervision.ReloadBindings})
	default:
		return ""
	}
}

// signal reads the name of a signal. otherwise is what else could be set; it ends the message.
func (w *decoder) signal(node *yaml.Node, what, otherwise string) string {
	signal := strings.TrimPrefix(node.Value, "SIG")
	if node.Kind != yaml.ScalarNode || !slices.Contains(supervision.ReloadSignals, signal) {
		last := len(supervision.ReloadSignals) - 1
		w.problem(node, what, describe(node), strings.Join(supervision.ReloadSignals[:last], ", ")+" or "+supervision.ReloadSignals[last]+otherwise)
		return ""
	}
	return signal
}

// shownReload describes it for a log.
func shownReload(r *supervision.Reload) []string {
	if r == nil {
		return nil
	}
	does := "restart"
	if r.Signal != "" {
		does = "SIG" + r.Signal
	}
	return []string{does + " on changes of " + redact.Text(strings.Join(r.On, ", "))}
}
