package sidecar

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// logKeys are the keys of log, in the order in which messages list them.
var logKeys = []string{"level", "prefix", "drop"}

// maxExpression is the longest regular expression, in characters.
const maxExpression = 1000

// log says which lines of a sidecar do not have to reach the log. It is nil if nothing is set.
var log = kind[*supervision.Log]{
	read:         readLog,
	shown:        shownLog,
	fromVariable: yamlNode,
	schema: schema{
		"type": "object", "additionalProperties": false,
		"properties": map[string]schema{
			"level": {"enum": supervision.LogLevels}, "prefix": boolean.schema, "drop": textSchema(maxExpression),
		},
	},
}

func readLog(w *decoder, node *yaml.Node, what string) *supervision.Log {
	if node.Kind != yaml.MappingNode {
		w.problem(node, what, notMapping, "a mapping such as {level: warn, drop: ^healthcheck}")
		return nil
	}
	var l supervision.Log
	for _, p := range w.pairs(node, what) {
		key := p.key.Value
		if !slices.Contains(logKeys, key) || p.key.Kind != yaml.ScalarNode {
			w.unknownKey(p.key, what, logKeys, "one of the keys "+strings.Join(logKeys, ", "))
			continue
		}
		if isNull(p.value) {
			continue
		}
		switch key {
		case "level":
			l.Level = choice(supervision.LogLevels...).read(w, p.value, what+": level")
		case "prefix":
			l.Prefix = boolean.read(w, p.value, what+": prefix")
		case "drop":
			l.Drop = w.expression(p.value, what+": drop")
		}
	}
	if l == (supervision.Log{}) {
		return nil
	}
	return &l
}

// expression reads a regular expression.
func (w *decoder) expression(node *yaml.Node, what string) string {
	text, ok := w.readText(node, what, maxExpression)
	if !ok {
		return ""
	}
	_, err := regexp.Compile(text)
	var invalid *syntax.Error
	if errors.As(err, &invalid) {
		at := max(strings.Index(text, invalid.Expr), 0)
		w.problem(node, what, fmt.Sprintf("%s in %s, at character %d", invalid.Code, quote(text), utf8.RuneCountInString(text[:at])+1),
			"a regular expression in the syntax of RE2, as Go has it")
		return ""
	}
	return text
}

// shownLog describes what is dropped, for a log.
func shownLog(l *supervision.Log) []string {
	if l == nil {
		return nil
	}
	var shown []string
	if l.Level != "" {
		shown = append(shown, "log from level "+l.Level+" on")
	}
	if l.Drop != "" {
		shown = append(shown, "log without "+quote(l.Drop))
	}
	if l.Prefix {
		shown = append(shown, "log with its name")
	}
	return shown
}
