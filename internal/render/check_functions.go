package render

import (
	"errors"
	"maps"
	"text/template"
)

type checker struct {
	spec     Spec
	services *services
	bound    bool // the bound services are known
	sources  Sources
}

// credential returns a credential of the services that are bound now. The error is errUnknown if
// only the start knows it.
func (c *checker) credential(wanted request) (any, error) {
	if wanted.selector != nil && !c.bound {
		return nil, errUnknown
	}
	return c.services.credential(wanted)
}

// knownFunctions returns the functions of templates, as far as they are known before the start:
// those that only depend on their arguments are the real ones, and the others check their
// arguments.
func (c *checker) knownFunctions(t *trial) template.FuncMap {
	functions := (&scope{}).functions()
	text, value := oneOf(exampleText), oneOf(exampleText, exampleList(), exampleObject())
	maps.Copy(functions, template.FuncMap{
		"binding": t.checked("binding", value, func(arguments []any) (any, error) { return c.bindingOf("binding", arguments) }),
		"text":    t.checked("text", text, func(arguments []any) (any, error) { return c.bindingOf("text", arguments) }),
		"config":  t.checked("config", value, nil),
		"env":     t.checked("env", text, func(arguments []any) (any, error) { return unknownIf(envArgument(arguments)) }),
		"file":    t.checked("file", text, func(arguments []any) (any, error) { return unknownIf(fileArgument(arguments)) }),
		"cert": t.checked("cert", text, func(arguments []any) (any, error) {
			part, _, err := certArgument(arguments)
			return unknownIf(part, err)
		}),
	})
	return functions
}

// unknownIf returns the error of a check of arguments and, without one, errUnknown.
func unknownIf[T any](_ T, err error) (any, error) {
	if err == nil {
		err = errUnknown
	}
	return nil, err
}

// checked returns a function whose value the start knows: it has one of the types of result.
// checkValues checks the arguments' values, and may know the value.
func (t *trial) checked(name string, result possible, checkValues func([]any) (any, error)) func(...any) (any, error) {
	return func(arguments ...any) (any, error) {
		if _, err := textArguments(name, arguments); err != nil {
			return nil, err
		}
		if !t.exact || checkValues == nil {
			return nil, &unknownResult{result}
		}
		value, err := checkValues(arguments)
		switch {
		case errors.Is(err, errUnknown):
			return nil, &unknownResult{result}
		case err != nil:
			return nil, err
		default:
			return nil, &unknownResult{possible{[]any{value}, today}}
		}
	}
}

// bindingOf returns a credential of the services that are bound now, or errUnknown.
func (c *checker) bindingOf(function string, arguments []any) (any, error) {
	wanted, err := credentialArguments(function, function == "text", c.spec.Binding, arguments)
	if err != nil {
		return nil, err
	}
	return c.credential(wanted)
}
