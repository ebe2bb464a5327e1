package render

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"text/template"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// functions returns the functions that templates may call, in addition to text/template's own. Each
// error is a *missingError or a *valueProblem.
func (s *scope) functions() template.FuncMap {
	functions := template.FuncMap{
		"binding": s.binding, "text": s.text, "config": s.config, "env": s.env, "file": s.file, "cert": s.cert,
		"json": quotedBy(toJSON), "yaml": quotedBy(toYAML), "toml": quotedBy(toTOML),
		"base64": toBase64, defaultFunction: withDefault,
	}
	maps.Copy(functions, limitedFunctions())
	if s.masked {
		functions["printf"] = printHidden // %p would bypass secret.Format
	}
	return functions
}

// binding returns a credential of the sidecar's own service or, with two arguments, of the service
// with that name, label or tag. A number, true or false is returned as text.
func (s *scope) binding(arguments ...any) (any, error) { return s.bound("binding", false, arguments) }

// text is binding with a result that is always text: a list or an object as JSON.
func (s *scope) text(arguments ...any) (any, error) { return s.bound("text", true, arguments) }

func (s *scope) bound(function string, asText bool, arguments []any) (any, error) {
	names, err := textArguments(function, fmt.Sprintf(`%s "KEY" or %[1]s "KEY" "SERVICE"`, function), arguments, 1, 2)
	if err != nil {
		return nil, err
	}
	selector := s.spec.Binding
	if len(names) == 2 {
		selector = &bindings.Selector{Any: names[1].text}
	}
	wanted := request{selector: selector, path: names[0], asText: asText}
	if len(names) == 2 {
		wanted.service = names[1].shown
	}
	return s.credential(wanted)
}

// env returns a variable of the sidecar's environment.
func (s *scope) env(arguments ...any) (any, error) {
	names, err := textArguments("env", `env "NAME"`, arguments, 1, 1)
	if err != nil {
		return nil, err
	}
	value, set := env.Lookup(s.environ, names[0].text)
	if !set {
		return nil, &missingError{fmt.Sprintf("found no variable %s in the environment; expected it to be set, or a default", names[0].shown)}
	}
	if s.masked {
		return secret(value), nil
	}
	return value, nil
}

// file returns the content of a file of the app.
func (s *scope) file(arguments ...any) (any, error) {
	names, err := textArguments("file", `file "PATH"`, arguments, 1, 1)
	if err != nil {
		return nil, err
	}
	content, err := readBelow(s.app, names[0])
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &missingError{fmt.Sprintf("found no file %s in the app; expected one, or a default", names[0].shown)}
	}
	return string(content), valueError(err)
}

// readBelow reads a file of at most maxFile bytes. Its errors name the file only as it may be
// shown.
func readBelow(files fs.FS, name textArgument) ([]byte, error) {
	clean := path.Clean(name.text)
	if !fs.ValidPath(clean) {
		return nil, fmt.Errorf("found the path %s; expected one below the app's directory, such as config/agent.yaml", name.shown)
	}
	content, err := regularfile.ReadFS(files, clean, maxFile)
	if err == nil || name.isShown() {
		return content, err
	}
	var invalid *regularfile.Error
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fs.ErrNotExist
	case errors.As(err, &invalid):
		return nil, fmt.Errorf("the file %s: found %s; expected %s", name.shown, invalid.Found, invalid.Want)
	default:
		return nil, fmt.Errorf("the file %s cannot be read", name.shown)
	}
}

// withDefault returns the second of two values or, if that is missing or an empty text, the first.
func withDefault(arguments ...any) (any, error) {
	if len(arguments) != 2 {
		return nil, valueError(errors.New(`found ` + defaultFunction + ` with no value in front of it; expected binding "KEY" | default "VALUE"`))
	}
	if isEmpty(arguments[1]) {
		return arguments[0], nil
	}
	return arguments[1], nil
}

// isEmpty reports whether a value is missing, or an empty text.
func isEmpty(value any) bool {
	v := reflect.ValueOf(value)
	return value == nil || v.Kind() == reflect.String && v.Len() == 0
}

// quotedBy wraps a function of one value, and marks its error as one that may be shown.
func quotedBy(quote func(any) (string, error)) func(any) (string, error) {
	return func(value any) (string, error) {
		text, err := quote(value)
		if err != nil {
			return "", valueError(err)
		}
		return limited(text)
	}
}

// toBase64 encodes a value's text in the standard encoding, with padding.
func toBase64(value any) (any, error) {
	if hidden, ok := value.(secret); ok {
		return hidden, nil
	}
	text, err := toText(value)
	if err != nil {
		return nil, valueError(err)
	}
	return limited(base64.StdEncoding.EncodeToString([]byte(text)))
}
