package manifest

import (
	"fmt"
	"strings"

	cliyaml "gopkg.in/yaml.v2"
	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// lines finds the positions of values in the file. The CLI's own parser does not keep them, so the
// file is parsed a second time.
type lines struct {
	source string
	root   *yaml.Node // nil: unknown, if only YAML 1.1 allows the document
}

func newLines(source string, content []byte) lines {
	var root yaml.Node
	if err := yaml.Unmarshal(content, &root); err != nil || len(root.Content) == 0 {
		return lines{source: source}
	}
	return lines{source: source, root: root.Content[0]}
}

// at returns the position of the value at a path of keys and indexes, or of the last part of the
// path that the file has.
func (l lines) at(path ...any) sidecar.Position {
	key, value, _ := l.find(path)
	switch {
	case key != nil:
		return sidecar.Position{Source: l.source, Line: key.Line}
	case value != nil:
		return sidecar.Position{Source: l.source, Line: value.Line}
	default:
		return sidecar.Position{Source: l.source}
	}
}

// key returns the key at a path, spelled as in the file.
func (l lines) key(path ...any) string {
	key, _, whole := l.find(path)
	if !whole || key == nil || key.Kind != yaml.ScalarNode {
		return text(path[len(path)-1])
	}
	return key.Value
}

// written returns the scalar at a path as in the file, or nil if there is no scalar.
func (l lines) written(path ...any) *yaml.Node {
	_, value, whole := l.find(path)
	if !whole || value == nil || value.Kind != yaml.ScalarNode {
		return nil
	}
	return value
}

// find follows a path as far as it exists in the file; whole is true if that is all of it. key is
// nil for an item of a list.
func (l lines) find(path []any) (key, value *yaml.Node, whole bool) {
	value = l.root
	for _, step := range path {
		k, next := child(follow(value), step)
		if next == nil {
			return key, value, false
		}
		key, value = k, follow(next)
		if key == nil && next.Kind != yaml.AliasNode {
			continue
		}
		if key == nil {
			key = next // the position of an alias is that in the list
		}
	}
	return key, value, value != nil
}

func follow(node *yaml.Node) *yaml.Node {
	for node != nil && node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node
}

// child returns an item of a list, or the value of a key: the last one of a key that occurs twice,
// or else one that << merges in.
func child(parent *yaml.Node, step any) (key, value *yaml.Node) {
	if parent == nil {
		return nil, nil
	}
	if index, ok := step.(int); ok {
		if parent.Kind == yaml.SequenceNode && index < len(parent.Content) {
			return nil, parent.Content[index]
		}
		return nil, nil
	}
	if parent.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := len(parent.Content) - 2; i >= 0; i -= 2 {
		if parent.Content[i].Value == step {
			return parent.Content[i], parent.Content[i+1]
		}
	}
	for i := len(parent.Content) - 2; i >= 0; i -= 2 {
		if parent.Content[i].ShortTag() != "!!merge" {
			continue
		}
		for _, merged := range merges(parent.Content[i+1]) {
			if key, value := child(merged, step); value != nil {
				return key, value
			}
		}
	}
	return alike(parent, step)
}

// alike finds a key that the CLI has spelled differently: disk_quota for disk-quota, or true for a
// key on, which YAML 1.1 reads as a boolean.
func alike(parent *yaml.Node, step any) (key, value *yaml.Node) {
	name, isText := step.(string)
	for i := 0; i+1 < len(parent.Content) && isText; i += 2 {
		key, value := parent.Content[i], parent.Content[i+1]
		if strings.ReplaceAll(key.Value, "-", "_") == strings.ReplaceAll(name, "-", "_") {
			return key, value
		}
		var meant any
		if key.Style != 0 || cliyaml.Unmarshal([]byte(key.Value), &meant) != nil {
			continue
		}
		if meant == nil && name == "" || fmt.Sprint(meant) == name {
			return key, value
		}
	}
	return nil, nil
}

// merges returns the mappings that a << key merges in; the first one with a name wins.
func merges(node *yaml.Node) []*yaml.Node {
	node = follow(node)
	if node == nil || node.Kind != yaml.SequenceNode {
		return []*yaml.Node{node}
	}
	all := make([]*yaml.Node, len(node.Content))
	for i, item := range node.Content {
		all[i] = follow(item)
	}
	return all
}
