package supply

import (
	"fmt"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// describe summarizes a sidecar for the staging log, one fact on a line.
func describe(d sidecar.Definition, command string) string {
	reserved := "none"
	if d.Memory > 0 {
		reserved = d.Memory.String()
	}
	types := make([]string, len(d.ProcessTypes))
	for i, t := range d.ProcessTypes {
		types[i] = printable.Name(t)
	}
	facts := []struct{ label, text string }{
		{"processes", strings.Join(types, ", ")},
		{"memory", reserved},
		{"service", printable.Name(d.Service)},
		{"command", printable.Name(redact.Text(command))},
		{"supervision", printable.Name(strings.Join(d.Summary(), ", "))},
	}
	lines := []string{printable.Name(d.Name)}
	for _, f := range facts {
		if f.text != "" {
			lines = append(lines, fmt.Sprintf("%-12s %s", f.label+":", f.text))
		}
	}
	return strings.Join(lines, "\n")
}
