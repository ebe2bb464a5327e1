package dryrun

import (
	"fmt"
	"strconv"

	yamlnodes "gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
)

// allowed has the keys of a mapping that the platform reads, and the keys of their values.
type allowed map[string]allowed

var launchKeys = allowed{"processes": {
	"type": nil, "command": nil,
	"limits":    {"memory": nil},
	"platforms": {"cloudfoundry": {"sidecar_for": nil}},
}}

// keys finds keys that the platform drops.
func (w *written) keys(root *yamlnodes.Node) {
	droppedKeys(root, launchKeys, func(line int, found string) { w.add(finding.LaunchKey, launchFile, line, found) })
}

// misspelled reports whether an entry has a key that the platform drops.
func misspelled(entry *yamlnodes.Node) (found bool) {
	droppedKeys(entry, launchKeys["processes"], func(int, string) { found = true })
	return found
}

// droppedKeys calls visit for each key that the platform drops: unknown ones, and all of a name but
// the last.
func droppedKeys(node *yamlnodes.Node, known allowed, visit func(line int, found string)) {
	if node.Kind == yamlnodes.SequenceNode {
		for _, element := range node.Content {
			droppedKeys(element, known, visit)
		}
		return
	}
	if node.Kind != yamlnodes.MappingNode || known == nil {
		return
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if key.ShortTag() == "!!merge" {
			continue // <<, which the platform's parser merges
		}
		below, ok := known[key.Value]
		switch line := lines[key.Value]; {
		case !ok:
			visit(key.Line, "the key "+strconv.Quote(key.Value))
			continue
		case line > 0:
			visit(line, fmt.Sprintf("the key %q, which line %d repeats", key.Value, key.Line))
		}
		lines[key.Value] = key.Line
		droppedKeys(node.Content[i+1], below, visit)
	}
}
