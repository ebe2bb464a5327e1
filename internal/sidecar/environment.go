package sidecar

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// maxValueLength is the longest value of a variable, in characters.
const maxValueLength = 4096

// names says which names variables may have.
type names struct {
	pattern *regexp.Regexp
	want    string
	// refused matches names that match pattern and are not allowed all the same; nil allows all.
	// For these, a message ends with wantRefused.
	refused     *regexp.Regexp
	wantRefused string
	// headers says that these are HTTP headers: names are equal regardless of case, and a value is
	// a single line.
	headers bool
}

var (
	// shellNames are for the app, whose shell has to export them.
	shellNames = names{
		pattern: regexp.MustCompile(`^` + env.Name + `$`),
		want:    "letters, digits and underscores, of which alone the app's shell makes variables, then a colon and a blank",
	}
	// processNames are for sidecars: the supervisor sets them, not a shell. Spring, Elasticsearch
	// and others read names with dots and hyphens.
	processNames = names{
		pattern: regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`),
		want:    "letters, digits, underscores, dots and hyphens, then a colon and a blank",
		refused: regexp.MustCompile(`^` + supervision.FilesVariable + `$`), wantRefused: "another name: the buildpack sets this variable to the directory of the sidecar's files",
	}
	// headerNames are the headers of a probe's request: tokens (RFC 9110, 5.6.2), except for those
	// that say where the request and the connection end. The probe sets these itself.
	headerNames = names{
		pattern: regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"),
		want:    "the name of a header, such as Authorization, then a colon and a blank",
		refused: regexp.MustCompile(`(?i)^(connection|content-length|transfer-encoding)$`), wantRefused: "another header: the probe sets this one itself",
		headers: true,
	}
)

// variables is a mapping of names to values.
func variables(names names) kind[[]supervision.Variable] {
	return kind[[]supervision.Variable]{
		read: func(w *decoder, node *yaml.Node, what string) []supervision.Variable {
			return w.environment(node, what, names, "text", nil)
		},
		shown: func(variables []supervision.Variable) []string {
			names := make([]string, len(variables))
			for i, v := range variables {
				names[i] = v.Name
			}
			return names
		},
		fromVariable: yamlNode,
		schema: schema{
			"type": "object", "propertyNames": schema{"pattern": names.pattern.String()},
			"additionalProperties": schema{"type": []string{"string", "number", "boolean", "null"}, "maxLength": maxValueLength},
		},
	}
}

// environment reads a mapping of names to values; want is what messages expect. other reports
// whether it has read a value that is not text; it may be nil.
func (w *decoder) environment(node *yaml.Node, what string, names names, want string, other func(name string, node *yaml.Node, what string) bool) []supervision.Variable {
	variables := []supervision.Variable{}
	if node.Kind != yaml.MappingNode {
		w.problem(node, what, notMapping, "a mapping of names to values")
		return variables
	}
	seen := map[string]bool{}
	for _, p := range w.pairs(node, what) {
		if !w.isName(p.key, what, names, seen) {
			continue
		}
		what := what + ": " + p.key.Value
		if other != nil && other(p.key.Value, p.value, what) {
			variables = append(variables, supervision.Variable{Name: p.key.Value})
			continue
		}
		value, ok := w.value(p.value, what, want)
		if ok && names.headers && strings.ContainsAny(value, "\r\n") {
			w.problem(p.value, what, "more than one line", "a value of one line")
			continue
		}
		if ok {
			variables = append(variables, supervision.Variable{Name: p.key.Value, Value: value})
		}
	}
	return variables
}

// isName reports a key that is not an allowed name, or is a duplicate.
func (w *decoder) isName(key *yaml.Node, what string, names names, seen map[string]bool) bool {
	name := strings.ToLower(key.Value)
	switch {
	case key.Kind != yaml.ScalarNode || !names.pattern.MatchString(key.Value):
		w.problem(key, what, "the name "+describeKey(key), names.want)
	case names.refused != nil && names.refused.MatchString(key.Value):
		w.problem(key, what, "the name "+describeKey(key), names.wantRefused)
	case names.headers && seen[name]:
		w.problem(key, what, "the name "+describeKey(key)+" a second time", "each header once, in capitals or not")
	default:
		seen[name] = true
		return true
	}
	return false
}

// value reads any scalar as written. want is what else is allowed.
func (w *decoder) value(node *yaml.Node, what, want string) (string, bool) {
	switch {
	case isNull(node):
		return "", true
	case node.Kind != yaml.ScalarNode:
		w.problem(node, what, describe(node), want)
		return "", false
	case utf8.RuneCountInString(node.Value) > maxValueLength:
		w.problem(node, what, fmt.Sprintf("%d characters", utf8.RuneCountInString(node.Value)), fmt.Sprintf("at most %d", maxValueLength))
		return "", false
	case !utf8.ValidString(node.Value) || strings.ContainsRune(node.Value, 0):
		w.problem(node, what, "a byte that no variable can hold", "text in UTF-8 and without NUL")
		return "", false
	default:
		return node.Value, w.countText(node)
	}
}
