package supply

import (
	"fmt"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
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
		types[i] = launch.Printable(t)
	}
	return fmt.Sprintf("%s\nbeside:  %s\nmemory:  %s\ncommand: %s", launch.Printable(d.Name), strings.Join(types, ", "), reserved, launch.Printable(command))
}
