package supply

import (
	"fmt"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

// describe sums a sidecar up for the staging log, a fact on a line.
func describe(d sidecar.Definition, command string) string {
	reserved := "none"
	if d.Memory > 0 {
		reserved = d.Memory.String()
	}
	command, _, cut := strings.Cut(command, "\n")
	if cut {
		command += " …"
	}
	return fmt.Sprintf("%s\nbeside:  %s\nmemory:  %s\ncommand: %s", d.Name, strings.Join(d.ProcessTypes, ", "), reserved, command)
}
