package launch

import (
	"fmt"
	"unicode/utf8"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// ProcessesFor returns the entries of launch.yml for an app's sidecars. index is the name of the
// buildpack's own deps directory.
func ProcessesFor(sidecars []sidecar.Definition, index string) []Process {
	processes := make([]Process, len(sidecars))
	for i, d := range sidecars {
		processes[i] = Process{Type: d.Name, Command: command(d, index), Memory: int(d.Memory), SidecarFor: d.ProcessTypes}
	}
	return processes
}

// CheckCommandLength rejects sidecars whose commands, with the text added to them, are too long for
// Cloud Controller (CF-27). The error is a sidecar.Problems.
func CheckCommandLength(sidecars []sidecar.Definition, index string) error {
	var problems sidecar.Problems
	for i, p := range ProcessesFor(sidecars, index) {
		if length := utf8.RuneCountInString(p.Command); length > sidecar.MaxCommandLength {
			problems = append(problems, sidecar.Problem{
				At: sidecars[i].At, What: fmt.Sprintf("sidecar %q: command", p.Type),
				Found: fmt.Sprintf("%d characters, with the supervisor in front", length), Want: fmt.Sprintf("at most %d", sidecar.MaxCommandLength),
			})
		}
	}
	if problems == nil {
		return nil
	}
	return problems
}
