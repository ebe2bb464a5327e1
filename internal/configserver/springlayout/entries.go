package springlayout

import (
	"encoding/json"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// entry is an entry of a mapping.
type entry struct {
	key   key
	value *yaml.Node
}

// key is a key of a mapping. Two keys are the same if both fields are equal: 1 and 01 are, 1 and "1" are not.
type key struct {
	kind string
	text string
	// tracked means that the key comes from a mapping that is written after <<, not referred to with an alias.
	// Spring's loader does not notice that it equals another key, so that the later of the two wins.
	tracked bool
}

// property returns the key as part of a property's name: text as it is, anything else in brackets.
func (k key) property() string {
	switch {
	case k.kind == "text":
		return k.text
	case k.kind == "null" && k.tracked:
		return ""
	}
	return "[" + k.text + "]"
}

// nested returns the key as it appears inside a key that is a list or a mapping: nothing for null.
func (k key) nested() string {
	if k.kind == "null" {
		return ""
	}
	return k.text
}

// maxMerges limits how deeply mappings may be merged into others.
const maxMerges = 20

// entriesOf returns the entries of a mapping in order, including those that << merges into it. It rejects
// duplicate keys.
func entriesOf(node *yaml.Node, depth int) ([]entry, error) {
	if tag := node.ShortTag(); tag != "!!map" && tag != "!!set" {
		return nil, unknownTag(node)
	}
	if depth > maxMerges {
		return nil, lineError(node, "found mappings merged more than %d deep; expected fewer", maxMerges)
	}
	own := map[key]bool{}
	at := map[key]int{}
	var entries []entry
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i], node.Content[i+1]
		if isMerge(name) {
			merged, err := mergedInto(node, value, depth)
			if err != nil {
				return nil, err
			}
			for _, e := range merged {
				if _, has := at[e.key]; !has {
					at[e.key] = len(entries)
					entries = append(entries, e)
				}
			}
			continue
		}
		k, err := keyOf(name, 0)
		if err != nil {
			return nil, err
		}
		if own[k] {
			return nil, lineError(name, "found a key for the second time in one mapping; expected each key once")
		}
		own[k] = true
		if j, has := at[k]; has {
			entries[j].value = value
			continue
		}
		at[k] = len(entries)
		entries = append(entries, entry{k, value})
	}
	return entries, nil
}

func isMerge(name *yaml.Node) bool {
	return name.Kind == yaml.ScalarNode && name.Value == "<<" && name.Style&^yaml.TaggedStyle == 0
}

// mergedInto returns the entries of a mapping, or of the mappings in a list; the first wins.
func mergedInto(at, value *yaml.Node, depth int) ([]entry, error) {
	inline := value.Kind == yaml.MappingNode
	for value.Kind == yaml.AliasNode {
		value = value.Alias
	}
	switch value.Kind {
	case yaml.MappingNode:
		entries, err := entriesOf(value, depth+1)
		return tracked(entries, inline), err
	case yaml.SequenceNode:
		var all []entry
		for _, one := range value.Content {
			inline := one.Kind == yaml.MappingNode
			for one.Kind == yaml.AliasNode {
				one = one.Alias
			}
			if one.Kind != yaml.MappingNode {
				return nil, lineError(at, "found << with a list of other values; expected mappings")
			}
			entries, err := entriesOf(one, depth+1)
			if err != nil {
				return nil, err
			}
			all = append(all, tracked(entries, inline)...)
		}
		return all, nil
	}
	return nil, lineError(at, "found << with another value; expected a mapping or a list of mappings")
}

// tracked sets whether the keys of entries are tracked, in place.
func tracked(entries []entry, are bool) []entry {
	for i := range entries {
		entries[i].key.tracked = entries[i].key.tracked || are
	}
	return entries
}

// keyOf returns a key as Java would print it.
func keyOf(node *yaml.Node, depth int) (key, error) {
	if depth > maxMerges {
		return key{}, lineError(node, "found a key nested more than %d deep; expected fewer", maxMerges)
	}
	switch node.Kind {
	case yaml.AliasNode:
		return keyOf(node.Alias, depth+1)
	case yaml.ScalarNode:
		value, err := scalar(node)
		switch value := value.(type) {
		case string:
			return key{kind: "text", text: value}, err
		case bool:
			return key{kind: "boolean", text: strconv.FormatBool(value)}, err
		case json.Number:
			return key{kind: "number", text: value.String()}, err
		default:
			return key{kind: "null", text: "null"}, err
		}
	}
	var parts []string
	for i := 0; i < len(node.Content); i++ {
		part, err := keyOf(node.Content[i], depth+1)
		if err != nil {
			return key{}, err
		}
		if node.Kind == yaml.MappingNode {
			i++
			value, err := keyOf(node.Content[i], depth+1)
			if err != nil {
				return key{}, err
			}
			part.text += "=" + value.nested()
		} else {
			part.text = part.nested()
		}
		parts = append(parts, part.text)
	}
	if node.Kind == yaml.MappingNode {
		return key{kind: "mapping", text: "{" + strings.Join(parts, ", ") + "}"}, nil
	}
	return key{kind: "list", text: "[" + strings.Join(parts, ", ") + "]"}, nil
}
