package sidecar

import (
	"fmt"
	"strings"
)

// Reference returns the reference of the fields, in Markdown: a table of what the platform knows
// about a sidecar and what is installed for it, one for bound services, and one for the rest.
func Reference() (program, bindings, supervision string) {
	return referenceOf(append([]field{nameField}, programFields...)), referenceOf(bindingFields), referenceOf(supervisionFields)
}

// referenceOf returns a table of fields.
func referenceOf(fields []field) string {
	var table strings.Builder
	table.WriteString("| field | meaning | default |\n| --- | --- | --- |\n")
	for _, f := range fields {
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", f.key, f.doc, f.otherwise)
	}
	return strings.ReplaceAll(table.String(), "|  |", "| |")
}
