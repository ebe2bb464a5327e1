package render

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"strings"
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
	wanted, err := credentialArguments(function, asText, s.spec.Binding, arguments)
	if err != nil {
		return nil, err
	}
	return s.credential(wanted)
}

// credentialArguments returns the credential that the arguments of binding or text select.
func credentialArguments(function string, asText bool, own *bindings.Selector, arguments []any) (request, error) {
	names, err := textArguments(function, arguments)
	if err != nil {
		return request{}, err
	}
	wanted := request{selector: own, path: names[0], asText: asText}
	if len(names) == 2 {
		wanted.selector, wanted.service = &bindings.Selector{Any: names[1].text}, names[1].shown
	}
	return wanted, nil
}

// env returns a variable of the sidecar's environment.
func (s *scope) env(arguments ...any) (any, error) {
	name, err := envArgument(arguments)
	if err != nil {
		return nil, err
	}
	value, set := env.Lookup(s.environ, name.text)
	if !set {
		return nil, &missingError{fmt.Sprintf("found no variable %s in the environment; expected it to be set, or a default", name.shown)}
	}
	if s.masked {
		return secret(value), nil
	}
	return value, nil
}

// envArgument returns the name of a variable.
func envArgument(arguments []any) (textArgument, error) {
	names, err := textArguments("env", arguments)
	if err != nil {
		return textArgument{}, err
	}
	if name := names[0]; name.text == "" || strings.ContainsAny(name.text, "=\x00") {
		return textArgument{}, valueError(fmt.Errorf("found the variable %s; expected a name without an equals sign, such as PORT", name.shown))
	}
	return names[0], nil
}

// file returns the content of a file of the app.
func (s *scope) file(arguments ...any) (any, error) {
	name, err := fileArgument(arguments)
	if err != nil {
		return nil, err
	}
	content, err := readBelow(s.app, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &missingError{fmt.Sprintf("found no file %s in the app; expected one, or a default", name.shown)}
	}
	return string(content), valueError(err)
}

// fileArgument returns the path of a file.
func fileArgument(arguments []any) (textArgument, error) {
	names, err := textArguments("file", arguments)
	if err != nil {
		return textArgument{}, err
	}
	_, err = pathBelow(names[0])
	return names[0], valueError(err)
}

// pathBelow returns the clean path of a file below the app's directory.
func pathBelow(name textArgument) (string, error) {
	clean := path.Clean(name.text)
	if !fs.ValidPath(clean) || clean == "." || strings.ContainsRune(clean, 0) {
		return "", fmt.Errorf("found the path %s; expected one below the app's directory, such as config/agent.yaml", name.shown)
	}
	return clean, nil
}

// readBelow reads a file of at most maxFile bytes. Its errors name the file only as it may be
// shown.
func readBelow(files fs.FS, name textArgument) ([]byte, error) {
	clean, err := pathBelow(name)
	if err != nil {
		return nil, err
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
