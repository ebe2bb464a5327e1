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
	if asked := asks(d.Supervision); len(asked) > 0 {
		facts += "\nasks:    " + printable.Name(strings.Join(asked, ", "))
	}
	return facts
}

// asks are what a sidecar has of its supervisor.
func asks(s sidecar.Supervision) []string {
	var asked []string
	add := func(is bool, text string) {
		if is {
			asked = append(asked, text)
		}
	}
	for _, name := range s.DependsOn {
		add(true, "starts after "+name)
	}
	add(s.HoldApp, "holds the app")
	add(s.Readiness != nil, "readiness by "+describeCheck(s.Readiness))
	add(s.Health != nil, "health by "+describeCheck(s.Health))
	add(s.Restart != "" && s.Restart != sidecar.RestartNever, "restart "+s.Restart)
	add(s.EnforceMemory, "no more than its memory")
	add(s.StopAfterApp, "stops after the app")
	add(s.Proxy, "stands in front of the app")
	return asked
}

func describeCheck(c *sidecar.Check) string {
	switch {
	case c == nil:
		return ""
	case c.Type == sidecar.CheckProcess:
		return "its process"
	default:
		return strings.TrimSpace(c.Type + " at port " + c.Port + redact.Text(c.Endpoint))
	}
}
