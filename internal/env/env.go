// Package env reads an environment in the form of os.Environ, and expands references to its
// variables. If a name is set twice, the last value counts, as for a program that is started with
// it.
package env

import (
	"slices"
	"strings"
)

// Lookup returns the value of a variable, and whether it is set.
func Lookup(environ []string, name string) (value string, set bool) {
	for _, variable := range slices.Backward(environ) {
		if value, ok := strings.CutPrefix(variable, name+"="); ok && name != "" {
			return value, true
		}
	}
	return "", false
}

// Get returns the value of a variable, or "" if it is not set.
func Get(environ []string, name string) string {
	value, _ := Lookup(environ, name)
	return value
}
