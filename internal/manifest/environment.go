package manifest

import (
	"strconv"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
)

// environment converts the values to text as Cloud Controller does, which uses Ruby's notation for
// lists and mappings.
func (r *reader) environment(f fields) map[string]string {
	value, ok := f.get("env")
	mapping, isMapping := value.(object)
	if ok && !isMapping {
		r.refuse(f.path("env"), "Env must be an object of keys and values", show(value), "a mapping of names to values, or no key env")
	}
	environment := map[string]string{}
	for _, m := range mapping {
		name, isText := m.key.(string)
		path := f.path("env", text(m.key))
		refused, want := variableRefusal(name)
		switch {
		case !isText:
			r.refuse(path, "Env key must be a string", clip(r.lines.key(path...))+", which is "+show(m.key), "the name in quotes")
			continue
		case name == "":
			r.refuse(path, "Env "+refused, "", want)
		case refused != "":
			r.refuse(path, "Env "+refused, strconv.Quote(redact.Name(name)), want)
		case strings.ContainsRune(name+text(m.value), 0):
			r.refuse(path, "Cloud Controller takes a variable with a NUL byte, and no process can have it", strconv.Quote(redact.Name(name)), "a value without NUL")
		case strings.Contains(name, "="):
			r.note(path, "env: the name %q has an equals sign; programs see the variable %s", redact.Name(name), name[:strings.Index(name, "=")])
		}
		if note := variableNote(name); note != "" {
			r.note(path, "env: %s: %s", name, note)
		}
		environment[name] = text(m.value)
		switch m.value.(type) {
		case []any, object:
			r.note(path, "env: %s is %s, which arrives as Ruby writes it; write it as JSON in quotes", redact.Name(name), show(m.value))
		default:
			r.noteChanged(path, "env: "+redact.Name(name), environment[name], inQuotes)
		}
	}
	return environment
}
