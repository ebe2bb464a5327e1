package sidecar

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

const (
	ofKey      = "of"
	configKey  = "config"
	defaultKey = "default"

	// maxCredentialPath is the longest path to a credential, in characters.
	maxCredentialPath = 1024
	// maxKeys is how many names of credentials a message lists.
	maxKeys = 20
)

// boundKeys are the keys of a mapping as a value of env, in the order in which messages list them.
var boundKeys = []string{bindingKey, ofKey, configKey, defaultKey}

// boundVariables is a mapping of names to values that a declaration stores in one of its fields. A
// value that comes from a bound service goes to Definition.Bound, and only its name to that field.
func boundVariables(store func(*declaration) *[]supervision.Variable) value {
	text := at(variables(processNames), store)
	return value{
		read: func(w *decoder, node *yaml.Node, what string, into *declaration) {
			into.Bound = map[string]BoundValue{}
			*store(into) = w.environment(node, what, processNames, "text, or a mapping with the key "+bindingKey+" or "+configKey, func(name string, node *yaml.Node, what string) bool {
				if node.Kind != yaml.MappingNode {
					return false
				}
				if bound, ok := w.boundValue(node, what); ok {
					into.Bound[name] = bound
				}
				return true
			})
		},
		copy: func(from, to *declaration) {
			text.copy(from, to)
			to.Bound = maps.Clone(from.Bound)
		},
		shown: text.shown, fromVariable: yamlNode,
		schema: schema{
			"type": "object", "propertyNames": text.schema["propertyNames"],
			"additionalProperties": schema{"anyOf": []schema{text.schema["additionalProperties"].(schema), {
				"type": "object", "required": []string{bindingKey}, "additionalProperties": false,
				"properties": schema{
					bindingKey: textSchema(maxCredentialPath), ofKey: selector.schema,
					defaultKey: text.schema["additionalProperties"],
				},
			}, {
				"type": "object", "required": []string{configKey}, "additionalProperties": false,
				"properties": schema{configKey: textSchema(maxCredentialPath), defaultKey: text.schema["additionalProperties"]},
			}}},
		},
	}
}

// boundValue reads {binding: PATH, of: SELECTOR, default: TEXT} or {config: KEY, default: TEXT}.
func (w *decoder) boundValue(node *yaml.Node, what string) (bound BoundValue, right bool) {
	bound.At, right = w.at(node), true
	stated := map[string]bool{}
	for _, p := range w.pairs(node, what) {
		ok := true
		switch key := p.key.Value; {
		case p.key.Kind != yaml.ScalarNode:
			ok = false
			w.unknownKey(p.key, what, boundKeys, "one of the keys "+strings.Join(boundKeys, ", "))
		case key == bindingKey:
			stated[key] = true
			bound.Binding, ok = w.credentialPath(p.value, what+": "+key)
		case key == configKey:
			stated[key] = true
			bound.Config, ok = w.credentialPath(p.value, what+": "+key)
		case key == ofKey:
			stated[key] = true
			bound.Of = selector.read(w, p.value, what+": "+key)
			ok = bound.Of != nil
		case key == defaultKey:
			var text string
			text, ok = w.value(p.value, what+": "+key, "text")
			bound.Default = &text
		default:
			ok = false
			w.unknownKey(p.key, what, boundKeys, "one of the keys "+strings.Join(boundKeys, ", "))
		}
		right = right && ok
	}
	switch {
	case !right:
	case !stated[bindingKey] && !stated[configKey]:
		w.problem(node, what, "neither "+bindingKey+" nor "+configKey, "the key "+bindingKey+" with the name of a credential, such as {binding: api_key}, or the key "+configKey+" with one of the configuration, such as {config: db.url}")
		right = false
	case stated[configKey] && (stated[bindingKey] || stated[ofKey]):
		w.problem(node, what, "both "+configKey+" and a service", "the key "+configKey+" without "+bindingKey+" and "+ofKey)
		right = false
	}
	return bound, right
}

// credentialPath reads the path of a credential. Only the bound service tells whether the
// credential exists.
func (w *decoder) credentialPath(node *yaml.Node, what string) (string, bool) {
	text, ok := w.readText(node, what, maxCredentialPath)
	if ok && (strings.TrimSpace(text) != text || strings.ContainsFunc(text, func(char rune) bool { return char < ' ' || char == utf8.RuneError })) {
		w.problem(node, what, quote(text), "the name of a credential, or a path with dots such as endpoint.region")
		return "", false
	}
	return text, ok
}

// checkBound rejects what is already known to be missing when the sidecar starts.
func (r *diagnostics) checkBound(d Definition, services Services) {
	for _, v := range d.Supervision.Env {
		bound, ok := d.Bound[v.Name]
		if !ok || bound.Config != "" {
			continue
		}
		refuse := func(found, meant, want string) {
			r.add(Problem{At: bound.At, What: "sidecar " + quote(d.Name) + ": " + EnvKey + ": " + v.Name, Found: found, Meant: meant, Want: want})
		}
		of := bound.Of
		if of == nil {
			of = d.Binding
		}
		if of == nil {
			refuse("a credential without a service", "", "the key "+ofKey+" next to it, or the key "+bindingKey+" of the sidecar, with a name, label or tag of the service")
			continue
		}
		found, err := of.Find(services.Bound)
		var several *bindings.AmbiguousError
		switch {
		case errors.As(err, &several) && bound.Of != nil:
			refuse(fmt.Sprintf("%d services with the %s, %s", len(several.Names), of, quotedList(several.Names)), "", wantOneOf(several))
		case err != nil && bound.Of != nil && bound.Default == nil && services.Known:
			refuse(fmt.Sprintf("no bound service with the %s", of), "", "one that is bound, or the key "+defaultKey)
		case err == nil && bound.Default == nil && !IsUnresolved(found) && !has(found, bound.Binding):
			if found.IsNull(bound.Binding) {
				refuse(fmt.Sprintf("null as the credential %s of the service %s", quoteName(bound.Binding), quote(found.Name)), "", "a value, or the key "+defaultKey)
				continue
			}
			keys := found.Keys()
			refuse(fmt.Sprintf("no credential %s of the service %s", quoteName(bound.Binding), quote(found.Name)), suggest.Name(bound.Binding, keys), wantCredential(keys))
		}
	}
}

// wantCredential lists the names of a service's credentials, which are not secrets.
func wantCredential(keys []string) string {
	if len(keys) == 0 {
		return "the key " + defaultKey + ": the service has no credentials"
	}
	quoted := make([]string, min(len(keys), maxKeys))
	for i := range quoted {
		quoted[i] = quoteName(keys[i])
	}
	return "one of " + strings.Join(quoted, ", ") + ", or the key " + defaultKey
}
