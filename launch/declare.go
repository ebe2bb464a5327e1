package launch

import (
	"fmt"
	"io/fs"
	"unicode/utf8"

	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

// ProcessesFor makes the entries of launch.yml for an app's sidecars. Index is
// that of the buildpack's own deps directory.
func ProcessesFor(sidecars []sidecar.Definition, index string) []Process {
	processes := make([]Process, len(sidecars))
	for i, d := range sidecars {
		processes[i] = Process{Type: d.Name, Command: command(d, index), Memory: int(d.Memory), SidecarFor: d.ProcessTypes}
	}
	return processes
}

// CheckCommandLength refuses sidecars whose commands are too long for Cloud Controller with
// what is written around them (PR-27). The error is a sidecar.Problems.
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

// Declared is what the staging result of an app would have from this buildpack
// and from the app's own Procfile, without its being staged: what other
// buildpacks declare is not in it. Request is as for sidecar.ForApp, index as for
// FromSidecars. Where the app's declarations are wrong, the error is a
// sidecar.Problems.
func Declared(app fs.FS, request sidecar.Request, index string) ([]Process, sidecar.Resolution, error) {
	resolved, err := sidecar.ResolveApp(app, request)
	if err != nil {
		return nil, resolved, err
	}
	procfile, err := ReadProcfile(app)
	if err != nil {
		return nil, resolved, err
	}
	if err := sidecar.CheckNameConflicts(resolved.Sidecars, TakenByProcfile(procfile)); err != nil {
		return nil, resolved, err
	}
	if err := CheckCommandLength(resolved.Sidecars, index); err != nil {
		return nil, resolved, err
	}
	return Merge(ProcessesFor(resolved.Sidecars, index), procfile), resolved, nil
}

// TakenByProcfile is the names that a Procfile has given to processes, for
// sidecar.RefuseTaken: the lifecycle would let one replace the other without a
// word (PR-07).
func TakenByProcfile(procfile []Process) map[string]string {
	taken := map[string]string{}
	for _, p := range procfile {
		taken[p.Type] = "a process type of the app's Procfile"
	}
	return taken
}
