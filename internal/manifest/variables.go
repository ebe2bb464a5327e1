package manifest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	cliyaml "gopkg.in/yaml.v2"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlerror"
)

// Variables are the values for ((name)) in an app manifest.
type Variables map[string]Variable

// A Variable is the value of one variable.
type Variable struct {
	Value any // as read by the cf CLI's parser
	// Written is the text of a scalar, or "".
	Written string
}

// LoadVariables reads the files of --vars-file, of which the last one wins, and then the name=value
// pairs of --var, which override the files. A value is YAML, as in cf CLI 8 (bosh-cli v6.4.1,
// director/template/var_kv.go; later versions of bosh-cli take it literally).
func LoadVariables(files, pairs []string) (Variables, error) {
	variables := Variables{}
	for _, file := range files {
		content, err := regularfile.Read(file, maxSize)
		if err != nil {
			return nil, fmt.Errorf("failed to read variables: %w", err)
		}
		if err := readVariables(file, content, variables); err != nil {
			return nil, err
		}
	}
	for _, pair := range pairs {
		name, written, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--var: found %q; expected NAME=VALUE", redact.Name(pair))
		}
		variable, err := parseVariable(written)
		if err != nil {
			return nil, fmt.Errorf("--var %s: %w", name, err)
		}
		variables[name] = variable
	}
	return variables, nil
}

// readVariables reads a file of --vars-file.
func readVariables(file string, content []byte, into Variables) error {
	if err := bounded(content); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	var read map[string]any
	if err := cliyaml.Unmarshal(content, &read); err != nil {
		return yamlerror.Wrap(file, content, err)
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

// parseVariable reads the value of a --var.
func parseVariable(written string) (Variable, error) {
	if written == "" {
		return Variable{}, errors.New(`found no value, which the cf CLI refuses; expected NAME=VALUE, where '""' is an empty text`)
	}
	if err := bounded([]byte(written)); err != nil {
		return Variable{}, errors.New(redact.Quoted(err.Error()))
	}
	var value any
	if err := cliyaml.Unmarshal([]byte(written), &value); err != nil {
		return Variable{}, fmt.Errorf("the value is not YAML: %w", yamlerror.Wrap("", []byte(written), err))
	}
	text, isText := value.(string)
	switch {
	case isList(value) || isMapping(value):
		return Variable{Value: value}, nil
	case isText && strings.ContainsRune(`"'|>&!`, rune(written[0])):
		return Variable{value, text}, nil // a plain scalar with this text
	default:
		return Variable{value, strings.TrimSpace(written)}, nil
	}
}

// find returns a variable's value; db.host is the key host of the variable db, and hosts.0 the
// first item of a list. After the variable's name, a slash is the same as a dot.
func (v Variables) find(name string) (value any, found bool) {
	first, path, isPart := strings.Cut(name, ".")
	variable, found := v[first]
	value = variable.Value
	if !isPart {
		return value, found
	}
	for _, key := range strings.Split(strings.ReplaceAll(path, "/", "."), ".") {
		if value, found = part(value, key); !found {
			return nil, false
		}
	}
	return value, true
}

// part returns the value of a mapping's key, or an item of a list; a negative index counts from the
// end.
func part(value any, key string) (any, bool) {
	switch v := value.(type) {
	case map[any]any:
		item, found := v[key]
		return item, found
	case []any:
		index, err := strconv.Atoi(key)
		if err == nil && index < 0 {
			index += len(v)
		}
		if err != nil || index < 0 || index >= len(v) {
			return nil, false
		}
		return v[index], true
	default:
		return nil, false
	}
}
