package render

import (
	"slices"
	"strings"
	"text/template/parse"
)

// IsTemplate reports whether a text uses functions or data of templates. Other programs have
// templates with other names, as in docker ps --format.
func IsTemplate(text string) bool {
	if !strings.Contains(text, "{{") {
		return false
	}
	parsed, err := parseTemplate(source{text: text}, (&scope{}).functions())
	if err != nil {
		return false
	}
	found := false
	inspect(parsed.Root, func(node parse.Node) {
		switch node := node.(type) {
		case *parse.IdentifierNode:
			found = found || slices.Contains(optional, strings.TrimSuffix(node.Ident, optionalSuffix))
		case *parse.FieldNode:
			found = found || slices.Contains([]string{"App", "Memory", "Files", "Index"}, node.Ident[0])
		}
	})
	return found
}
