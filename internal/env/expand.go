package env

import (
	"cmp"
	"strings"
)

// Expand replaces $NAME, ${NAME} and ${NAME:-OTHERWISE} by values of an environment, and nothing
// else. An unset variable is empty; if a variable is unset or empty, ${NAME:-OTHERWISE} becomes
// OTHERWISE.
func Expand(environ []string, text string) string {
	var expanded strings.Builder
	for literal, reference := range Split(text) {
		expanded.WriteString(literal)
		expanded.WriteString(cmp.Or(Get(environ, reference.Name), reference.Otherwise))
	}
	return expanded.String()
}
