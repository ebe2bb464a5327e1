package bump

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// An edit replaces the text of a value in manifest.yml.
type edit struct {
	node     *yaml.Node
	key, new string
}

// changes sorts edits by line.
func changes(edits []edit) []Change {
	var all []Change
	for _, e := range edits {
		all = append(all, Change{Line: e.node.Line, Key: e.key, Old: e.node.Value, New: e.new})
	}
	slices.SortStableFunc(all, func(a, b Change) int { return cmp.Compare(a.Line, b.Line) })
	return all
}

// apply replaces the texts and leaves everything around them unchanged. It works from the last edit
// to the first.
func apply(content []byte, edits []edit) ([]byte, error) {
	lines := strings.SplitAfter(string(content), "\n")
	sorted := slices.Clone(edits)
	slices.SortFunc(sorted, func(a, b edit) int {
		return cmp.Or(cmp.Compare(b.node.Line, a.node.Line), cmp.Compare(b.node.Column, a.node.Column))
	})
	for _, e := range sorted {
		line := []rune(lines[e.node.Line-1]) // a column is counted in characters
		start := min(e.node.Column-1, len(line))
		quote := quotes[e.node.Style&^yaml.TaggedStyle]
		old := quote + e.node.Value + quote
		before, rest := string(line[:start]), string(line[start:])
		if !strings.HasPrefix(rest, old) {
			return nil, fmt.Errorf("manifest.yml, line %d: found a value of %s in a form that is not changed here; expected its text alone, on the line of the key", e.node.Line, e.key)
		}
		lines[e.node.Line-1] = before + quote + e.new + quote + strings.TrimPrefix(rest, old)
	}
	return []byte(strings.Join(lines, "")), nil
}

// quotes are the quotes of a value, by style. Values with anchors, folded values and the like begin
// with something else.
var quotes = map[yaml.Style]string{0: "", yaml.SingleQuotedStyle: "'", yaml.DoubleQuotedStyle: `"`}

// verify returns an error unless the changed manifest has the new values, and all others as before.
func verify(before, after []byte, edits []edit) error {
	var old, changed yaml.Node
	if err := yaml.Unmarshal(before, &old); err != nil {
		return err
	}
	if err := yaml.Unmarshal(after, &changed); err != nil {
		return fmt.Errorf("failed to change manifest.yml: its new text cannot be read")
	}
	wanted := map[[2]int]string{}
	for _, e := range edits {
		wanted[[2]int{e.node.Line, e.node.Column}] = e.new
	}
	if !reflect.DeepEqual(scalars(&old, wanted), scalars(&changed, nil)) {
		return fmt.Errorf("failed to change manifest.yml: its new text would not have the values that were meant")
	}
	return nil
}

// scalars returns the texts of a document in order, with those at some positions replaced.
func scalars(node *yaml.Node, replaced map[[2]int]string) []string {
	if node.Kind == yaml.ScalarNode {
		if text, ok := replaced[[2]int{node.Line, node.Column}]; ok {
			return []string{text}
		}
		return []string{node.Value}
	}
	var all []string
	for _, below := range node.Content {
		all = append(all, scalars(below, replaced)...)
	}
	return all
}
