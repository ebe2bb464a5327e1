// Package env reads an environment as os.Environ lists it, and replaces references to its
// variables: of a name that is set twice, the last one counts, as to a program that is started
// with it.
package env

import (
	"slices"
	"strings"
)

// Lookup is the value of a variable, and whether it is set.
func Lookup(environ []string, name string) (value string, set bool) {
	for _, variable := range slices.Backward(environ) {
		if value, ok := strings.CutPrefix(variable, name+"="); ok && name != "" {
			return value, true
		}
	}
	return "", false
}

// Get is the value of a variable, empty where it is not set.
func Get(environ []string, name string) string {
	value, _ := Lookup(environ, name)
	return value
}
