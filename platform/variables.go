package platform

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Variables are the values that stand in for ((name)) in an app manifest.
type Variables map[string]*yaml.Node

// LoadVariables reads the files of --vars-file, of which a later one wins, and
// then the name=value pairs of --var, which win over the files. A value is
// YAML.
func LoadVariables(files, pairs []string) (Variables, error) {
	variables := Variables{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("failed to read variables: %w", err)
		}
		values, err := parseVariables(content)
		if err != nil {
			return nil, fmt.Errorf("failed to parse variables of %s: %w", file, err)
		}
		for name, value := range values {
			variables[name] = &value
		}
	}
	for _, pair := range pairs {
		name, text, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--var: found %q; expected NAME=VALUE", pair)
		}
		var document yaml.Node
		if err := yaml.Unmarshal([]byte(text), &document); err != nil {
			return nil, fmt.Errorf("--var %s: the value is not YAML: %w", name, err)
		}
		value := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str"}
		if len(document.Content) > 0 {
			value = document.Content[0]
		}
		variables[name] = value
	}
	return variables, nil
}

func parseVariables(content []byte) (map[string]yaml.Node, error) {
	if len(content) > maxManifestSize {
		return nil, fmt.Errorf("found %d bytes; expected at most %d", len(content), maxManifestSize)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(content, &root); err != nil {
		return nil, err
	}
	if err := bounded(&root); err != nil {
		return nil, err
	}
	var values map[string]yaml.Node
	err := root.Decode(&values)
	return values, err
}

// placeholder is ((name)); the cf CLI takes ((!name)) for the same.
var placeholder = regexp.MustCompile(`\(\(!?([-/.\w\pL]+)\)\)`)

// fill replaces every ((name)) below a node. The error names all variables that
// are missing, and those of which only a whole value can be made.
func (v Variables) fill(root *yaml.Node) error {
	var f filling
	v.walk(root, &f)
	var problems []error
	if len(f.missing) > 0 {
		slices.Sort(f.missing)
		problems = append(problems, fmt.Errorf("expected to find variables: %s; give each with --var NAME=VALUE or in a --vars-file", strings.Join(slices.Compact(f.missing), ", ")))
	}
	return errors.Join(append(problems, f.unfit...)...)
}

// A filling collects what stands in its way.
type filling struct {
	missing []string
	unfit   []error
}

func (v Variables) walk(node *yaml.Node, f *filling) {
	// An alias is not followed: what it stands for is visited in its own place.
	for _, child := range node.Content {
		v.walk(child, f)
	}
	if node.Kind != yaml.ScalarNode || !strings.Contains(node.Value, "((") {
		return
	}
	if match := placeholder.FindStringSubmatch(node.Value); match != nil && match[0] == node.Value {
		if value := v.value(match[1], f); value != nil {
			line, column := node.Line, node.Column
			*node = *value
			node.Line, node.Column = line, column
		}
		return
	}
	filled := placeholder.ReplaceAllStringFunc(node.Value, func(text string) string {
		name := placeholder.FindStringSubmatch(text)[1]
		value := v.value(name, f)
		if value == nil {
			return text
		}
		if tag := value.ShortTag(); value.Kind != yaml.ScalarNode || (tag != "!!str" && tag != "!!int") {
			f.unfit = append(f.unfit, fmt.Errorf("line %d: the variable %s stands within a text; expected its value to be text or a whole number", node.Line, name))
		}
		return value.Value
	})
	if filled != node.Value {
		node.Value, node.Tag = filled, "!!str"
	}
}

// value finds a variable by its name, or as a part of another: db.host is the
// key host of the variable db.
func (v Variables) value(name string, f *filling) *yaml.Node {
	if value, ok := v[name]; ok {
		return resolve(value)
	}
	first, path, _ := strings.Cut(name, ".")
	node := v[first]
	for node != nil && path != "" {
		var key string
		key, path, _ = strings.Cut(path, ".")
		node = child(resolve(node), key)
	}
	if node == nil {
		f.missing = append(f.missing, name)
		return nil
	}
	return resolve(node)
}

// resolve follows an alias to what it stands for.
func resolve(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// child is the value of a key of a mapping, or nil.
func child(mapping *yaml.Node, key string) *yaml.Node {
	if mapping.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}
