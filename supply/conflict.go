package supply

import (
	"os"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

// refuseTakenNames refuses a sidecar whose name the app's Procfile or an
// earlier buildpack's launch.yml has already given to something else: the
// lifecycle would let one replace the other without a word (PR-07).
func (s *Supplier) refuseTakenNames(sidecars []sidecar.Definition, neighbours []neighbour) error {
	taken := launch.TakenByProcfile(s.procfile())
	for _, n := range neighbours {
		for _, p := range n.processes {
			taken[p.Type] = "the launch.yml of " + n.name
		}
	}
	return sidecar.CheckNameConflicts(sidecars, taken)
}

// procfile is what the app's Procfile declares. One that cannot be read is left
// to the lifecycle to refuse, which reads it last.
func (s *Supplier) procfile() []launch.Process {
	processes, err := launch.ReadProcfile(os.DirFS(s.Stager.BuildDir()))
	if err != nil {
		s.Log.Warning("%s; staging will fail on it", err)
	}
	return processes
}
