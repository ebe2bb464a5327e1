package supply

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
	"github.com/cloudfoundry-community/sidecar-buildpack/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

// A reservation is the memory that one sidecar takes from a process.
type reservation struct {
	sidecar string
	memory  memory.Size
}

// refuseTooMuchMemory refuses sidecars that leave the web process nothing. The
// staging container has at least that process's memory (PR-13), so what does
// not fit here is certain not to fit later (PR-33), when the platform would
// fail without a clear word (PR-36). Of other process types nothing is known.
func (s *Supplier) refuseTooMuchMemory(sidecars []sidecar.Definition, neighbours []neighbour) error {
	if s.StagingMemory == 0 {
		return nil
	}
	reservations := s.reservations(sidecars, neighbours)
	budget := memory.Budget{Process: s.StagingMemory}
	sizes := make([]string, len(reservations))
	for i, r := range reservations {
		budget.Sidecars = append(budget.Sidecars, r.memory)
		sizes[i] = fmt.Sprintf("%s %s", plain(r.sidecar), r.memory)
	}
	if len(reservations) == 0 || budget.Fits() {
		return nil
	}
	return fmt.Errorf("the sidecars of the process %s reserve %s (%s), and it has no more than %s, of which the app itself needs a part.\n"+
		"Either let them reserve less: memory in %s, or cf set-env APP_NAME %s SIZE.\n"+
		"Or give the process more: memory in the app manifest, or cf push -m SIZE",
		launch.WebProcess, budget.Reserved(), strings.Join(sizes, ", "), s.StagingMemory,
		sidecar.FileName, sidecar.VariableName(reservations[0].sidecar, "memory"))
}

// reservations are those of the web process, this buildpack's sidecars first.
func (s *Supplier) reservations(sidecars []sidecar.Definition, neighbours []neighbour) []reservation {
	var reserved []reservation
	for _, d := range sidecars {
		if d.Memory > 0 && slices.Contains(d.ProcessTypes, launch.WebProcess) {
			reserved = append(reserved, reservation{d.Name, d.Memory})
		}
	}
	if _, padded := s.plainDirectory(); padded {
		return reserved // the lifecycle does not see the neighbours' files
	}
	for _, n := range neighbours {
		for _, p := range n.processes {
			if p.Memory > 0 && slices.Contains(p.SidecarFor, launch.WebProcess) {
				reserved = append(reserved, reservation{p.Type, memory.Size(p.Memory)})
			}
		}
	}
	return reserved
}

// warnOfNoMemory says what may happen to a sidecar that reserves none.
func (s *Supplier) warnOfNoMemory(sidecars []sidecar.Definition) {
	for _, d := range sidecars {
		if d.Memory == 0 {
			s.Log.Warning("Sidecar %s reserves no memory. An app that takes all that it sees, as one in Java does, "+
				"leaves it none, and takes itself down with it. State its memory in %s, or cf set-env APP_NAME %s SIZE.",
				plain(d.Name), sidecar.FileName, sidecar.VariableName(d.Name, "memory"))
		}
	}
}
