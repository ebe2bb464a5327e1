package supply

import (
	"fmt"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

// describe sums a sidecar up for the staging log, a fact on a line.
func describe(d sidecar.Definition, command string) string {
	reserved := "none"
	if d.Memory > 0 {
		reserved = d.Memory.String()
	}
	types := make([]string, len(d.ProcessTypes))
	for i, t := range d.ProcessTypes {
		types[i] = printable.Name(t)
	}
	facts := fmt.Sprintf("%s\nbeside:  %s\nmemory:  %s\ncommand: %s", printable.Name(d.Name), strings.Join(types, ", "), reserved, printable.Name(redact.Text(command)))
	if asked := d.Summary(); len(asked) > 0 {
		facts += "\nasks:    " + printable.Name(strings.Join(asked, ", "))
	}
	return facts
}
