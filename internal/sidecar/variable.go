package sidecar

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

const variablePrefix = "SIDECAR_"

// VariableName returns the name of the environment variable that sets one field of one sidecar:
// SIDECAR_CONFIG_SERVER_MEMORY for the memory of config-server. Every character other than a
// letter, digit or underscore becomes an underscore.
func VariableName(name, field string) string {
	cleaned := strings.Map(func(char rune) rune {
		switch {
		case char >= 'a' && char <= 'z':
			return char - 'a' + 'A'
		case char >= 'A' && char <= 'Z', char >= '0' && char <= '9':
			return char
		default:
			return '_'
		}
	}, name+"_"+field)
	return variablePrefix + cleaned
}

// override applies the variables that set single fields, and returns a warning for each that has no
// effect although it seems to be meant for one. others are the names of sidecars that another
// buildpack gives the app.
func (r *diagnostics) override(entries []declaration, environ, others []string) []string {
	set := map[string]string{}
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, variablePrefix) && value != "" {
			set[name] = value
		}
	}

	owner := map[string]string{}
	for i := range entries {
		stated := newDeclaration(entries[i].Name)
		for _, f := range fieldsFor(appOnly) {
			name := VariableName(entries[i].Name, f.key)
			value, ok := set[name]
			if !ok {
				continue
			}
			w := &decoder{report: r, source: name, variable: true}
			if other, taken := owner[name]; taken {
				r.add(Problem{
					At: Position{Source: name}, What: f.key,
					Found: fmt.Sprintf("two sidecars that it could mean, %s and %s", quote(other), quote(entries[i].Name)),
					Want:  "names that differ in more than punctuation",
				})
				continue
			}
			owner[name] = entries[i].Name
			stated.setVariable(f, w, value, entries[i].label())
		}
		entries[i].merge(stated)
	}
	for _, name := range others {
		for _, f := range fieldsFor(appOnly) {
			owner[VariableName(name, f.key)] = name
		}
	}
	return unused(set, owner, entries)
}

// unused warns about variables that have no effect although they seem to be meant for a field:
// those that begin like a sidecar's, and those that end like a field's. Most likely the other half
// is misspelled.
func unused(set, owner map[string]string, entries []declaration) []string {
	var warnings []string
	for name := range set {
		if _, used := owner[name]; used {
			continue
		}
		if why, suspect := misspelled(name, entries); suspect {
			if meant := variableMeant(name, entries); meant != "" {
				why = fmt.Sprintf("did you mean %s? %s", meant, strings.ToUpper(why[:1])+why[1:])
			}
			warnings = append(warnings, fmt.Sprintf("%s sets nothing: %s", name, why))
		}
	}
	slices.Sort(warnings)
	return warnings
}

func misspelled(variable string, entries []declaration) (why string, suspect bool) {
	names := make([]string, len(entries))
	for i, e := range entries {
		if strings.HasPrefix(variable, VariableName(e.Name, "")) {
			var keys []string
			for _, f := range fieldsFor(appOnly) {
				keys = append(keys, strings.TrimPrefix(VariableName("", f.key), variablePrefix+"_"))
			}
			return fmt.Sprintf("for %s it can end in %s", quote(e.Name), strings.Join(keys, ", ")), true
		}
		names[i] = quote(e.Name)
	}
	why = "this app has no sidecars"
	if len(names) > 0 {
		why = "this app's sidecars are " + strings.Join(names, ", ")
	}
	return why, slices.ContainsFunc(fieldsFor(appOnly), func(f field) bool {
		name, found := strings.CutSuffix(variable, strings.TrimPrefix(VariableName("", f.key), variablePrefix))
		// SIDECAR_PORT may well be the app's own variable.
		return found && (len(name) >= len(variablePrefix) || strings.ContainsAny(f.key, "-_"))
	})
}

// variableMeant returns the variable that was most likely meant by one with a misspelled sidecar or
// field, or nothing.
func variableMeant(variable string, entries []declaration) string {
	var names []string
	for _, e := range entries {
		names = append(names, e.Name)
	}
	for _, f := range fieldsFor(appOnly) {
		name, found := strings.CutSuffix(variable, VariableName("", f.key)[len(variablePrefix):])
		if meant := suggest.Name(strings.TrimPrefix(name, variablePrefix), names); found && meant != "" {
			return VariableName(meant, f.key)
		}
	}
	for _, name := range names {
		field, found := strings.CutPrefix(variable, VariableName(name, ""))
		if meant := suggest.Name(field, keysOf(fieldsFor(appOnly))[1:]); found && meant != "" {
			return VariableName(name, meant)
		}
	}
	return ""
}
