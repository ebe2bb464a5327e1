package manifest

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	cliyaml "gopkg.in/yaml.v2"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlerror"
)

// placeholder matches ((name)); the cf CLI treats ((!name)) the same.
var placeholder = regexp.MustCompile(`\(\(!?([-/.\w\pL]+)\)\)`)

// interpolate reads a manifest as the CLI does first, without expecting types, replaces the
// variables, and writes it again.
func interpolate(content []byte, variables Variables, l lines) ([]byte, error) {
	var root any
	if err := cliyaml.Unmarshal(content, &root); err != nil {
		return nil, yamlerror.Wrap(l.source, content, err)
	}
	s := substitution{variables: variables, lines: l}
	if err := s.definitions(root); err != nil {
		return nil, err
	}
	root = s.fill(root, nil)
	if err := s.err(); err != nil {
		return nil, err
	}
	if s.values > maxValues || count(root, maxValues) < 0 {
		return nil, fmt.Errorf("%s: %w", l.source, errTooManyValues)
	}
	filled, err := cliyaml.Marshal(root)
	if err == nil && len(filled) > 2*maxSize {
		err = fmt.Errorf("found %d bytes with the variables filled in; expected at most %d", len(filled), maxSize)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.source, err)
	}
	return filled, nil
}

// definitions refuses what the CLI cannot read as definitions of variables: outside the apps, it
// reads the key variables as a list of definitions, as in a BOSH deployment (bosh-cli,
// director/template/template.go, ExtractDefinitions). Each variable in it needs a value.
func (s *substitution) definitions(root any) error {
	manifest, _ := root.(map[any]any)
	written, ok := manifest["variables"]
	if !ok {
		return nil
	}
	var defined []struct {
		Name, Type string
		Options    any
	}
	content, err := cliyaml.Marshal(written)
	if err == nil {
		err = cliyaml.Unmarshal(content, &defined)
	}
	if err != nil {
		return Problem{At: s.lines.at("variables"), Message: "variables: the cf CLI cannot read the manifest", Found: showKind(written),
			Want: "another name for the key: the CLI takes variables for a list of definitions"}
	}
	for _, variable := range defined {
		s.variable(variable.Name)
	}
	return nil
}

// A substitution replaces the variables of a manifest, and collects problems.
type substitution struct {
	variables Variables
	lines     lines
	size      int // bytes of all texts so far
	values    int // of all variables so far
	missing   []string
	invalid   []error
}

// err names all missing variables, and those that only work as a whole value.
func (s *substitution) err() error {
	var problems []error
	if len(s.missing) > 0 {
		slices.Sort(s.missing)
		problems = append(problems, fmt.Errorf("%s: expected to find variables: %s; give each with --var NAME=VALUE or in a --vars-file",
			s.lines.source, strings.Join(slices.Compact(s.missing), ", ")))
	}
	return errors.Join(append(problems, s.invalid...)...)
}

// fill replaces every ((name)) in a value and in the keys below it. path leads to the value.
func (s *substitution) fill(value any, path []any) any {
	switch v := value.(type) {
	case map[any]any:
		filled := make(map[any]any, len(v))
		for key, item := range v {
			child := append(slices.Clone(path), key)
			filled[s.key(key, child)] = s.fill(item, child)
		}
		return filled
	case []any:
		for i, item := range v {
			v[i] = s.fill(item, append(slices.Clone(path), i))
		}
		return v
	case string:
		return s.text(v, path)
	default:
		return value
	}
}

// key replaces variables in a key, if the result can be a key.
func (s *substitution) key(key any, path []any) any {
	name, ok := key.(string)
	if !ok {
		return key
	}
	switch filled := s.text(name, path).(type) {
	case map[any]any, []any:
		s.invalid = append(s.invalid, fmt.Errorf("%s: the variable of the key %s is a list or a mapping; expected text", s.lines.at(path...), name))
		return key
	default:
		return filled
	}
}

// text replaces variables in a text. A variable that is the whole text keeps its type.
func (s *substitution) text(written string, path []any) any {
	if match := placeholder.FindStringSubmatch(written); match != nil && match[0] == written {
		return s.variable(match[1])
	}
	filled := placeholder.ReplaceAllStringFunc(written, func(whole string) string {
		if s.size > 2*maxSize {
			return whole // it is too large by now
		}
		name := placeholder.FindStringSubmatch(whole)[1]
		switch value := s.variable(name).(type) {
		case string:
			s.size += len(value)
			return value
		case int, int64, uint64:
			return fmt.Sprint(value)
		default:
			if _, found := s.variables.find(name); found {
				s.invalid = append(s.invalid, fmt.Errorf("%s: the variable %s is part of a text; expected its value to be text or a whole number", s.lines.at(path...), name))
			}
			return whole
		}
	})
	if s.size > 2*maxSize {
		return strings.Repeat("x", 2*maxSize) // too large on purpose: it will be refused
	}
	return filled
}

func (s *substitution) variable(name string) any {
	value, found := s.variables.find(name)
	if !found {
		s.missing = append(s.missing, name)
	}
	if s.values += maxValues - count(value, maxValues); s.values > maxValues {
		return nil // it is too large by now
	}
	return clone(value)
}

// clone copies a value, since a variable may be used several times.
func clone(value any) any {
	switch v := value.(type) {
	case map[any]any:
		copied := make(map[any]any, len(v))
		for key, item := range v {
			copied[key] = clone(item)
		}
		return copied
	case []any:
		copied := make([]any, len(v))
		for i, item := range v {
			copied[i] = clone(item)
		}
		return copied
	default:
		return value
	}
}
