package finding

import (
	"fmt"
	"strings"
)

// Reference returns the table of all rules, in Markdown.
func Reference() string {
	var table strings.Builder
	table.WriteString("| rule | severity | what is found | what would be right | platform |\n| --- | --- | --- | --- | --- |\n")
	for _, r := range Rules() {
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s | %s |\n", r.ID, r.Severity, cell(r.Found), cell(r.Right), strings.Join(r.Platform, ", "))
	}
	return table.String()
}

// cell escapes a text for a cell of a Markdown table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "_", `\_`, "*", `\*`, "<", `\<`).Replace(text)
}
