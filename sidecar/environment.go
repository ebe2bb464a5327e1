package sidecar

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// maxValueLength is the most that a variable's value may have, in characters.
const maxValueLength = 4096

// variablePattern is what the shell takes for a name.
var variablePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func readAppEnv(w *walk, node *yaml.Node, what string, into *entry) {
	into.appEnv, into.appEnvFrom = w.environment(node, what+": "+AppEnvKey), w.from()
}

// from is the variable of the app's environment that is read, or empty where it is
// something else.
func (w *walk) from() string {
	if w.variable {
		return w.source
	}
	return ""
}

// environment reads a mapping of names to values.
func (w *walk) environment(node *yaml.Node, what string) []Variable {
	variables := []Variable{}
	if node.Kind != yaml.MappingNode {
		w.problem(node, what, notMapping, "a mapping of names to values")
		return variables
	}
	for _, p := range w.pairs(node, what) {
		if p.key.Kind != yaml.ScalarNode || !variablePattern.MatchString(p.key.Value) {
			w.problem(p.key, what, "the name "+describeKey(p.key), "letters, digits and underscores, then a colon and a blank")
			continue
		}
		if value, ok := w.value(p.value, what+": "+p.key.Value); ok {
			variables = append(variables, Variable{Name: p.key.Value, Value: value})
		}
	}
	return variables
}

// value reads any scalar as it is written.
func (w *walk) value(node *yaml.Node, what string) (string, bool) {
	switch {
	case isNull(node):
		return "", true
	case node.Kind != yaml.ScalarNode:
		w.problem(node, what, describe(node), "text")
		return "", false
	case utf8.RuneCountInString(node.Value) > maxValueLength:
		w.problem(node, what, fmt.Sprintf("%d characters", utf8.RuneCountInString(node.Value)), fmt.Sprintf("at most %d", maxValueLength))
		return "", false
	case !utf8.ValidString(node.Value) || strings.ContainsRune(node.Value, 0):
		w.problem(node, what, "a byte that no variable can hold", "text in UTF-8 and without NUL")
		return "", false
	default:
		return node.Value, w.take(node)
	}
}
