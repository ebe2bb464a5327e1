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
	by      string // the buildpack that declares it; empty: this one
}

func (r reservation) String() string {
	text := fmt.Sprintf("%s %s", printable(r.sidecar), r.memory)
	if r.by != "" {
		text += " of " + r.by
	}
	return text
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
		sizes[i] = r.String()
	}
	if len(reservations) == 0 || budget.Fits() {
		return nil
	}
	return fmt.Errorf("the sidecars of the process %s reserve %s (%s), and it has no more than %s, of which the app itself needs a part.\n"+
		"%sGive the process more: memory in the app manifest, or cf push -m SIZE",
		launch.WebProcess, budget.Reserved(), strings.Join(sizes, ", "), s.StagingMemory, reserveLess(reservations[0]))
}

// reserveLess is the other way out, where this buildpack's sidecars reserve
// anything.
func reserveLess(first reservation) string {
	if first.by != "" {
		return ""
	}
	return fmt.Sprintf("Let them reserve less: memory in %s, or cf set-env APP_NAME %s SIZE. Or:\n",
		sidecar.FileName, sidecar.VariableName(first.sidecar, "memory"))
}

// reservations are those of the web process, this buildpack's sidecars first.
func (s *Supplier) reservations(sidecars []sidecar.Definition, neighbours []neighbour) []reservation {
	var reserved []reservation
	for _, d := range sidecars {
		if d.Memory > 0 && slices.Contains(d.ProcessTypes, launch.WebProcess) {
			reserved = append(reserved, reservation{sidecar: d.Name, memory: d.Memory})
		}
	}
	if _, padded := s.unpaddedDirectory(); padded {
		return reserved // the lifecycle does not see the neighbours' files
	}
	for _, n := range neighbours {
		for _, p := range n.processes {
			if p.Memory > 0 && slices.Contains(p.SidecarFor, launch.WebProcess) {
				reserved = append(reserved, reservation{sidecar: p.Type, memory: memory.Size(p.Memory), by: n.name})
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
				printable(d.Name), sidecar.FileName, sidecar.VariableName(d.Name, "memory"))
		}
	}
}
