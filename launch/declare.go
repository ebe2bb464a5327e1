package launch

import (
	"io/fs"

	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

// FromSidecars makes the entries of launch.yml for an app's sidecars. Index is
// that of the buildpack's own deps directory.
func FromSidecars(sidecars []sidecar.Definition, index string) []Process {
	processes := make([]Process, len(sidecars))
	for i, d := range sidecars {
		processes[i] = Process{Type: d.Name, Command: command(d, index), Memory: int(d.Memory), SidecarFor: d.ProcessTypes}
	}
	return processes
}

// Declared is what the staging result of an app would have from this buildpack
// and from the app's own Procfile, without its being staged: what other
// buildpacks declare is not in it. Catalog and environ are as for
// sidecar.ForApp, index as for FromSidecars. Where the app's declarations are
// wrong, the error is a sidecar.Problems.
func Declared(app fs.FS, catalog sidecar.Catalog, environ []string, index string) (declared []Process, warnings []string, err error) {
	sidecars, warnings, err := sidecar.ForApp(app, catalog, environ)
	if err != nil {
		return nil, warnings, err
	}
	procfile, err := ReadProcfile(app)
	if err != nil {
		return nil, warnings, err
	}
	if err := sidecar.RefuseTaken(sidecars, TakenByProcfile(procfile)); err != nil {
		return nil, warnings, err
	}
	return Merge(FromSidecars(sidecars, index), procfile), warnings, nil
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
