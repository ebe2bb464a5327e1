package platform

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// maxNodes is the most values that a YAML document may come to once its aliases
// are followed.
const maxNodes = 10_000

// bounded refuses a document that comes to too many values, as one does without
// end that contains itself.
func bounded(root *yaml.Node) error {
	visited := 0
	var visit func(*yaml.Node) bool
	visit = func(node *yaml.Node) bool {
		if visited++; visited > maxNodes {
			return false
		}
		if node.Kind == yaml.AliasNode {
			return visit(node.Alias)
		}
		for _, child := range node.Content {
			if !visit(child) {
				return false
			}
		}
		return true
	}
	if !visit(root) {
		return fmt.Errorf("found more than %d values; expected fewer, and no alias that contains itself", maxNodes)
	}
	return nil
}

// mistyped finds the parts of the parser's complaint about a value of the wrong
// kind, which it gives in its text alone.
var mistyped = regexp.MustCompile("^line ([0-9]+): cannot unmarshal !!([a-z]+)(?: `(.*)`)? into (.*)$")

// decode reads a node into a value, or says line by line what stands in its
// way.
func (m *manifest) decode(node *yaml.Node, into any) bool {
	err := node.Decode(into)
	if err == nil {
		return true
	}
	var typeError *yaml.TypeError
	if !errors.As(err, &typeError) {
		m.refuse(node, "%s", strings.TrimPrefix(err.Error(), "yaml: "))
		return false
	}
	for _, text := range typeError.Errors {
		m.problems = append(m.problems, fmt.Errorf("%s:%s", m.path, explain(text)))
	}
	return false
}

// explain puts one of the parser's complaints into the words of a manifest's
// reader, behind the number of the line.
func explain(complaint string) string {
	match := mistyped.FindStringSubmatch(complaint)
	if match == nil {
		return strings.TrimPrefix(complaint, "line ")
	}
	found := map[string]string{"seq": "a list", "map": "a mapping", "null": "nothing"}[match[2]]
	if found == "" {
		found = fmt.Sprintf("%q", match[3])
	}
	expected := "a mapping"
	switch kind := match[4]; {
	case kind == "int":
		expected = "a whole number"
	case kind == "string":
		expected = "text"
	case strings.HasPrefix(kind, "[]"):
		expected = "a list"
	}
	return fmt.Sprintf("%s: found %s; expected %s", match[1], found, expected)
}

// A wholeNumber is one as Cloud Controller takes it: 2 and "2", but not 1.5, which
// the parser would cut down to 1.
type wholeNumber int

// UnmarshalYAML complains in the parser's form.
func (n *wholeNumber) UnmarshalYAML(node *yaml.Node) error {
	if number, err := strconv.Atoi(node.Value); err == nil && node.Kind == yaml.ScalarNode {
		*n = wholeNumber(number)
		return nil
	}
	if node.ShortTag() == "!!float" {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: cannot unmarshal !!float `%s` into int", node.Line, node.Value)}}
	}
	return node.Decode((*int)(n))
}
