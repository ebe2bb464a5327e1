package render

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"text/template"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// functionNames are those that templates have besides text/template's own, for messages.
const functionNames = "base64, binding, cert, default, env, file, json, toml, yaml"

// A scope is what the template of one sidecar sees.
type scope struct {
	spec     Spec
	services *services
	environ  []string // with the sidecar's own variables
	files    string   // the directory of its files
	app      fs.FS
	// masked hides each value that may be a secret from the result, as Mask.
	masked bool
}

// functions are those that templates may call, besides text/template's own. Each error is a
// *missingError or a *valueProblem.
func (s *scope) functions() template.FuncMap {
	functions := template.FuncMap{
		"binding": s.binding, "env": s.env, "file": s.file, "cert": s.cert,
		"json": quotedBy(toJSON), "yaml": quotedBy(toYAML), "toml": quotedBy(toTOML),
		"base64": toBase64, defaultFunction: withDefault,
	}
	if s.masked {
		functions["printf"] = printHidden // %p would get around secret.Format
	}
	return functions
}

// binding is a credential of the sidecar's own service or, with two arguments, of the service
// with that name, label or tag. A number, true and false come as text.
func (s *scope) binding(arguments ...any) (any, error) {
	names, err := textArguments("binding", `binding "KEY" or binding "KEY" "SERVICE"`, arguments, 1, 2)
	if err != nil {
		return nil, err
	}
	selector := s.spec.Binding
	if len(names) == 2 {
		selector = &bindings.Selector{Any: names[1]}
	}
	return s.credential(selector, names[0])
}

// env is a variable of the sidecar's environment.
func (s *scope) env(arguments ...any) (any, error) {
	names, err := textArguments("env", `env "NAME"`, arguments, 1, 1)
	if err != nil {
		return nil, err
	}
	value, set := env.Lookup(s.environ, names[0])
	if !set {
		return nil, &missingError{fmt.Sprintf("found no variable %q in the environment; expected it to be set, or a default", names[0])}
	}
	if s.masked {
		return secret(value), nil
	}
	return value, nil
}

// file is the content of a file of the app.
func (s *scope) file(arguments ...any) (any, error) {
	names, err := textArguments("file", `file "PATH"`, arguments, 1, 1)
	if err != nil {
		return nil, err
	}
	content, err := readBelow(s.app, names[0])
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &missingError{fmt.Sprintf("found no file %q in the app; expected one, or a default", names[0])}
	}
	return string(content), valueError(err)
}

// readBelow reads a file of at most maxFile bytes.
func readBelow(files fs.FS, name string) ([]byte, error) {
	if clean := path.Clean(name); fs.ValidPath(clean) {
		return regularfile.ReadFS(files, clean, maxFile)
	}
	return nil, fmt.Errorf("found the path %q; expected one below the app's directory, such as config/agent.yaml", name)
}

// withDefault is the second of two values or, where it is missing or empty text, the first.
func withDefault(arguments ...any) (any, error) {
	if len(arguments) != 2 {
		return nil, valueError(errors.New(`found ` + defaultFunction + ` with no value in front of it; expected binding "KEY" | default "VALUE"`))
	}
	if isEmpty(arguments[1]) {
		return arguments[0], nil
	}
	return arguments[1], nil
}

// isEmpty tells a value that is missing, or text without a character.
func isEmpty(value any) bool {
	v := reflect.ValueOf(value)
	return value == nil || v.Kind() == reflect.String && v.Len() == 0
}

// orMissing is a function that gives nil where a value is missing.
func orMissing(function func(...any) (any, error)) func(...any) (any, error) {
	return func(arguments ...any) (any, error) {
		value, err := function(arguments...)
		var missing *missingError
		if errors.As(err, &missing) {
			return nil, nil
		}
		return value, err
	}
}

// quotedBy is a function of one value that has its error marked as one to be told.
func quotedBy(quote func(any) (string, error)) func(any) (string, error) {
	return func(value any) (string, error) {
		text, err := quote(value)
		return text, valueError(err)
	}
}

// toBase64 is the text of a value in the standard encoding, with padding.
func toBase64(value any) (any, error) {
	if hidden, ok := value.(secret); ok {
		return hidden, nil
	}
	text, err := toText(value)
	if err != nil {
		return nil, valueError(err)
	}
	return base64.StdEncoding.EncodeToString([]byte(text)), nil
}

// textArguments are the arguments of a function, which must be so many texts.
func textArguments(function, usage string, arguments []any, least, maximum int) ([]string, error) {
	var texts []string
	for _, argument := range arguments {
		v := reflect.ValueOf(argument)
		if v.Kind() != reflect.String {
			return nil, valueError(fmt.Errorf("found an argument of %s that is no text; expected %s", function, usage))
		}
		texts = append(texts, v.String())
	}
	if len(texts) < least || len(texts) > maximum {
		return nil, valueError(fmt.Errorf("found %d arguments of %s; expected %s", len(texts), function, usage))
	}
	return texts, nil
}
