package manifest

import (
	"fmt"
	"strings"

	cliyaml "gopkg.in/yaml.v2"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// Variables are the values that stand in for ((name)) in an app manifest.
type Variables map[string]Variable

// A Variable is one of them.
type Variable struct {
	Value any // as the cf CLI's parser has read it
	// Written is the text of a value that is a single one, or empty.
	Written string
}

// LoadVariables reads the files of --vars-file, of which a later one wins, and
// then the name=value pairs of --var, which win over the files. A value is YAML;
// a text of --var is taken as it is given, without the quotes around it.
func LoadVariables(files, pairs []string) (Variables, error) {
	variables := Variables{}
	for _, file := range files {
		content, err := regularfile.Read(file, maxSize)
		if err != nil {
			return nil, fmt.Errorf("failed to read variables: %w", err)
		}
		if err := readVariables(content, variables); err != nil {
			return nil, fmt.Errorf("failed to parse variables of %s: %s", file, redact.Quoted(err.Error()))
		}
	}
	for _, pair := range pairs {
		name, written, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--var: found %q; expected NAME=VALUE", redact.Name(pair))
		}
		if err := bounded([]byte(written)); err != nil {
			return nil, fmt.Errorf("--var %s: %s", name, redact.Quoted(err.Error()))
		}
		var value any
		if err := cliyaml.Unmarshal([]byte(written), &value); err != nil {
			return nil, fmt.Errorf("--var %s: the value is not YAML: %s", name, redact.Quoted(err.Error()))
		}
		if _, isText := value.(string); isText || written == "" {
			written = unquote(written)
			value = written
		}
		if isList(value) || isMapping(value) {
			written = ""
		}
		variables[name] = Variable{value, written}
	}
	return variables, nil
}

func readVariables(content []byte, into Variables) error {
	if len(content) > maxSize {
		return fmt.Errorf("found %d bytes; expected at most %d", len(content), maxSize)
	}
	if err := bounded(content); err != nil {
		return err
	}
	var read map[string]any
	if err := cliyaml.Unmarshal(content, &read); err != nil {
		return err
	}
	l := newLines("", content)
	for name, value := range read {
		variable := Variable{Value: value}
		if node := l.written(name); node != nil {
			variable.Written = node.Value
		}
		into[name] = variable
	}
	return nil
}

// unquote drops a pair of quotes around a text.
func unquote(text string) string {
	if last := len(text) - 1; last > 0 && (text[0] == '"' || text[0] == '\'') && text[last] == text[0] {
		return text[1:last]
	}
	return text
}

// find looks a variable up; db.host is the key host of the variable db.
func (v Variables) find(name string) (value any, found bool) {
	first, path, _ := strings.Cut(name, ".")
	variable, found := v[first]
	value = variable.Value
	for found && path != "" {
		var key string
		key, path, _ = strings.Cut(path, ".")
		mapping, ok := value.(map[any]any)
		if !ok {
			return nil, false
		}
		value, found = mapping[key]
	}
	return value, found
}
