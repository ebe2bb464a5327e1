package sidecar

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

const (
	separatorKey = "separator"
	maxSeparator = 16 // characters
)

// joinKeys are the keys of a mapping as a value of app-env, in the order in which messages list
// them.
var joinKeys = []string{appstart.Append, appstart.Prepend, separatorKey, configKey, defaultKey}

const wantJoin = "the key " + appstart.Append + " or " + appstart.Prepend + " with text, such as {append: --require ./agent.js}"

// appVariables maps names to values. Each value is text, text that is added to a list, or a value
// of the configuration.
var appVariables = kind[[]appstart.Variable]{
	read: (*decoder).appEnvironment,
	shown: func(variables []appstart.Variable) []string {
		names := make([]string, len(variables))
		for i, v := range variables {
			names[i] = v.Name
		}
		return names
	},
	fromVariable: yamlNode,
	schema: func() schema {
		text := variables(shellNames).schema
		joined := func(required ...string) schema {
			key := required[0]
			return schema{
				"type": "object", "required": required, "additionalProperties": false,
				"properties": schema{key: textSchema(maxValueLength), separatorKey: schema{"type": "string", "minLength": 1, "maxLength": maxSeparator}},
			}
		}
		configured := schema{
			"type": "object", "required": []string{configKey}, "additionalProperties": false,
			"properties": schema{configKey: textSchema(maxCredentialPath), defaultKey: text["additionalProperties"]},
		}
		value := func(more ...string) schema {
			return schema{"anyOf": []schema{
				text["additionalProperties"].(schema), configured, joined(append([]string{appstart.Append}, more...)...), joined(append([]string{appstart.Prepend}, more...)...),
			}}
		}
		return schema{
			"type": "object", "propertyNames": text["propertyNames"],
			"patternProperties":    schema{appstart.SeparatedNames(): value()},
			"additionalProperties": value(separatorKey),
		}
	}(),
}

// joinedVariables lists, for the log, the variables that a definition adds text to.
func joinedVariables(d Definition) []string {
	var joined []string
	for _, v := range d.AppEnv {
		if v.Join != "" {
			joined = append(joined, v.Join+"s to "+v.Name)
		}
	}
	return joined
}

// appEnvironment reads a mapping of names to values.
func (w *decoder) appEnvironment(node *yaml.Node, what string) []appstart.Variable {
	joined := map[string]appstart.Variable{}
	texts := w.environment(node, what, shellNames, "text, or a mapping with "+wantJoin, func(name string, node *yaml.Node, what string) bool {
		if node.Kind != yaml.MappingNode {
			return false
		}
		if hasKey(node, configKey) {
			joined[name] = w.appConfig(name, node, what)
		} else {
			joined[name] = w.join(name, node, what)
		}
		return true
	})
	variables := []appstart.Variable{}
	for _, t := range texts {
		v, ok := joined[t.Name]
		if !ok {
			v = appstart.Variable{Name: t.Name, Value: t.Value}
		}
		variables = append(variables, v)
	}
	return variables
}

// join reads {append: TEXT} or {prepend: TEXT}, with a separator.
func (w *decoder) join(name string, node *yaml.Node, what string) appstart.Variable {
	v := appstart.Variable{Name: name}
	before := len(w.report.problems)
	for _, p := range w.pairs(node, what) {
		switch key := p.key.Value; {
		case p.key.Kind != yaml.ScalarNode || !slices.Contains(joinKeys, key):
			w.unknownKey(p.key, what, joinKeys, "one of the keys "+strings.Join(joinKeys, ", "))
		case key == defaultKey:
			w.problem(p.key, what, "the key "+defaultKey+" without "+configKey, "both, as in {config: db.url, default: none}")
		case key == separatorKey:
			v.Separator = w.separator(p.value, what+": "+key)
		case v.Join != "":
			w.problem(node, what, "both "+appstart.Append+" and "+appstart.Prepend, "one of them")
		default:
			v.Join = key
			v.Value, _ = w.readText(p.value, what+": "+key, maxValueLength)
		}
	}
	switch {
	case len(w.report.problems) > before:
	case v.Join == "":
		w.problem(node, what, "neither "+appstart.Append+" nor "+appstart.Prepend, wantJoin)
	case v.Separator == "":
		v.Separator = appstart.Separator(name)
		if v.Separator == "" {
			w.problem(node, what, "no "+separatorKey, fmt.Sprintf("the key %s with the text between its items: %s is not named like a list of paths (PATH, …_PATH, RUBYLIB) or of options (…_OPTIONS, …_OPTS, …_FLAGS)", separatorKey, name))
		}
	}
	return v
}

func hasKey(mapping *yaml.Node, key string) bool {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return true
		}
	}
	return false
}

// appConfig reads {config: KEY, default: TEXT}.
func (w *decoder) appConfig(name string, node *yaml.Node, what string) appstart.Variable {
	v := appstart.Variable{Name: name}
	for _, p := range w.pairs(node, what) {
		switch key := p.key.Value; key {
		case configKey:
			v.Config, _ = w.credentialPath(p.value, what+": "+key)
		case defaultKey:
			text, _ := w.value(p.value, what+": "+key, "text")
			v.Default = &text
		default:
			w.unknownKey(p.key, what, []string{configKey, defaultKey}, "the key "+configKey+", and perhaps "+defaultKey)
		}
	}
	return v
}

// separator reads the text between the items of a list.
func (w *decoder) separator(node *yaml.Node, what string) string {
	text, ok := w.value(node, what, "text")
	if ok && (text == "" || len([]rune(text)) > maxSeparator) {
		w.problem(node, what, fmt.Sprintf("%d characters", len([]rune(text))), fmt.Sprintf("from 1 to %d, such as \",\"", maxSeparator))
		return ""
	}
	return text
}

// appEnvironment returns the variables for the app. If one refers to a variable with a default,
// such as the sidecar's port, a value in the sidecar's own env wins. Values from the app's
// environment are read at the start and unknown here.
func (d *declaration) appEnvironment() []appstart.Variable {
	if d.variable[EnvKey] != "" || d.variable[AppEnvKey] != "" {
		return d.AppEnv
	}
	variables := slices.Clone(d.AppEnv)
	for i, v := range variables {
		var value strings.Builder
		for literal, reference := range env.Split(v.Value) {
			value.WriteString(literal + d.settled(reference))
		}
		variables[i].Value = value.String()
	}
	return variables
}

// settled returns the value of a variable with a default if the sidecar's own env sets a fixed one,
// and otherwise the reference itself.
func (d *declaration) settled(reference env.Reference) string {
	at := slices.IndexFunc(d.Supervision.Env, func(v supervision.Variable) bool { return v.Name == reference.Name })
	if !reference.HasOtherwise || at < 0 || d.Supervision.Env[at].Value == "" || strings.Contains(d.Supervision.Env[at].Value, "$") {
		return reference.Text
	}
	return d.Supervision.Env[at].Value
}
