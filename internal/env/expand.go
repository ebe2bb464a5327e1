package env

import (
	"cmp"
	"strings"
)

// Expand replaces $NAME, ${NAME} and ${NAME:-OTHERWISE} by values of an environment, and
// nothing else. What is not set is empty, or OTHERWISE, which is also in the place of what is empty.
func Expand(environ []string, text string) string {
	var expanded strings.Builder
	for literal, reference := range Split(text) {
		expanded.WriteString(literal)
		expanded.WriteString(cmp.Or(Get(environ, reference.Name), reference.Otherwise))
	}
	return expanded.String()
}
