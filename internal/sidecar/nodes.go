package sidecar

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// textNode returns the node of a text.
func textNode(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}

// sequenceNode returns the node of a list of texts.
func sequenceNode(items []string) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, item := range items {
		list.Content = append(list.Content, textNode(item))
	}
	return list
}

// yamlNode reads a mapping from a variable, as YAML or JSON: {uri: …, sha256: …}.
func yamlNode(text string) *yaml.Node {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil || document.Kind != yaml.DocumentNode {
		return textNode(text)
	}
	return document.Content[0]
}

// listNode reads a list from a variable: web,worker or [web, worker].
func listNode(text string) *yaml.Node {
	text = strings.TrimSpace(text)
	text = strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	items := strings.Split(text, ",")
	for i := range items {
		items[i] = strings.Trim(strings.TrimSpace(items[i]), `"'`)
	}
	return sequenceNode(items)
}
