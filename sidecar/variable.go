package sidecar

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

const variablePrefix = "SIDECAR_"

// VariableName is the name of the environment variable that sets one field of
// one sidecar: SIDECAR_CONFIG_SERVER_MEMORY for the memory of config-server.
// Every character but letters, digits and underscores becomes an underscore.
func VariableName(name, field string) string {
	plain := strings.Map(func(char rune) rune {
		switch {
		case char >= 'a' && char <= 'z':
			return char - 'a' + 'A'
		case char >= 'A' && char <= 'Z', char >= '0' && char <= '9':
			return char
		default:
			return '_'
		}
	}, name+"_"+field)
	return variablePrefix + plain
}

// override applies the variables that set single fields, and returns a warning
// for each that sets nothing although it looks as if it were meant to.
func (r *report) override(entries []entry, environ []string) []string {
	set := map[string]string{}
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, variablePrefix) && value != "" {
			set[name] = value
		}
	}

	owner := map[string]string{}
	for i := range entries {
		for _, f := range fields {
			name := VariableName(entries[i].name, f.key)
			value, ok := set[name]
			if !ok {
				continue
			}
			w := &walk{report: r, source: name}
			if other, taken := owner[name]; taken {
				r.add(Problem{
					At: Position{Source: name}, What: f.key,
					Found: fmt.Sprintf("two sidecars that it could mean, %s and %s", quote(other), quote(entries[i].name)),
					Want:  "names that differ in more than punctuation",
				})
				continue
			}
			owner[name] = entries[i].name
			f.read(w, f.fromVariable(value), entries[i].label(), &entries[i])
		}
	}
	return unused(set, owner, entries)
}

// unused warns of a variable that ends like a field's but names no sidecar of
// this app: most likely a name that is misspelled.
func unused(set, owner map[string]string, entries []entry) []string {
	names := make([]string, len(entries))
	for i := range entries {
		names[i] = quote(entries[i].name)
	}
	has := "this app has no sidecars"
	if len(names) > 0 {
		has = "this app's sidecars are " + strings.Join(names, ", ")
	}
	var warnings []string
	for name := range set {
		if _, used := owner[name]; used {
			continue
		}
		if slices.ContainsFunc(fields, func(f field) bool {
			return strings.HasSuffix(name, VariableName("", f.key)[len(variablePrefix):])
		}) {
			warnings = append(warnings, fmt.Sprintf("%s sets nothing: %s", name, has))
		}
	}
	slices.Sort(warnings)
	return warnings
}

// listNode reads a list from a variable: web,worker or [web, worker].
func listNode(text string) *yaml.Node {
	text = strings.TrimSpace(text)
	text = strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	items := strings.Split(text, ",")
	for i := range items {
		items[i] = strings.Trim(strings.TrimSpace(items[i]), `"'`)
	}
	return sequenceNode(items)
}
