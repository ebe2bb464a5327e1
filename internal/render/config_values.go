package render

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const (
	// Config prints values of the configuration for the app. Its arguments are keys; it prints
	// N=VALUE and a NUL for the N-th of them, counted from 0. A key after OptionalPrefix may be
	// missing, and is then omitted.
	Config         = "config"
	OptionalPrefix = "optional:"
)

// configValues returns what is printed for these arguments, or nothing if a key is missing.
func configValues(arguments, environ []string) (string, error) {
	c := configurationOf(environ)
	var list strings.Builder
	var problems []error
	for i, argument := range arguments {
		key, optional := strings.CutPrefix(argument, OptionalPrefix)
		value, err := c.value(stated(key))
		var missing *missingError
		if optional && (errors.As(err, &missing) || err == nil && isEmpty(value)) {
			continue
		}
		text := ""
		if err == nil {
			text, err = toText(value)
		}
		if err == nil && strings.ContainsRune(text, 0) {
			err = fmt.Errorf("found a NUL byte in the value of the key %s; expected text, as a variable cannot hold one", strconv.Quote(key))
		}
		problems = append(problems, err)
		fmt.Fprintf(&list, "%d=%s\x00", i, text)
	}
	return list.String(), errors.Join(problems...)
}
