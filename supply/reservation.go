package supply

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
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
	text := fmt.Sprintf("%s %s", printable.Name(r.sidecar), r.memory)
	if r.by != "" {
		text += " of " + r.by
	}
	return text
}

// refuseTooMuchMemory refuses sidecars that leave the web process nothing. The
// staging container has at least that process's memory (PR-13), so what does
// not fit here is certain not to fit later (PR-33), when the platform would
// fail without a clear word (PR-36). Of a process of another type that is not
// known, so that it is warned of what its default memory has no room for.
func (s *Supplier) refuseTooMuchMemory(sidecars []sidecar.Definition, neighbours []neighbour) error {
	if s.StagingMemory == 0 {
		return nil
	}
	for _, t := range processTypes(sidecars) {
		if t != launch.WebProcess {
			if reserved := s.overcommitted(t, launch.DefaultMemory, sidecars, neighbours); reserved != "" {
				s.Log.Warning("The sidecars of the process %s reserve %s. It has to be given more than that: by itself, the platform gives it %s.\n%s",
					printable.Name(t), reserved, launch.DefaultMemory, s.waysOut(t, sidecars))
			}
			continue
		}
		if reserved := s.overcommitted(t, s.StagingMemory, sidecars, neighbours); reserved != "" {
			return fmt.Errorf("the sidecars of the process %s reserve %s, and it has no more than %s, of which the app itself needs a part.\n%s",
				t, reserved, s.StagingMemory, s.waysOut(t, sidecars))
		}
	}
	return nil
}

// processTypes are those that the sidecars run beside, web in front.
func processTypes(sidecars []sidecar.Definition) []string {
	types := []string{launch.WebProcess}
	for _, d := range sidecars {
		for _, t := range d.ProcessTypes {
			if !slices.Contains(types, t) {
				types = append(types, t)
			}
		}
	}
	return types
}

// overcommitted is what the sidecars of a process reserve, each with its size,
// or empty where they leave the app a part of the process's memory.
func (s *Supplier) overcommitted(processType string, process memory.Size, sidecars []sidecar.Definition, neighbours []neighbour) string {
	reservations := s.reservations(processType, sidecars, neighbours)
	budget := memory.Budget{Process: process}
	sizes := make([]string, len(reservations))
	for i, r := range reservations {
		budget.Sidecars = append(budget.Sidecars, r.memory)
		sizes[i] = r.String()
	}
	if len(reservations) == 0 || budget.Fits() {
		return ""
	}
	return fmt.Sprintf("%s (%s)", budget.Reserved(), strings.Join(sizes, ", "))
}

// waysOut are what the developer can do: have the sidecars reserve less, where
// any of this buildpack's reserves anything, or give the process more.
func (s *Supplier) waysOut(processType string, sidecars []sidecar.Definition) string {
	more := "Give the process more: memory in the app manifest"
	if processType == launch.WebProcess {
		more += ", or cf push -m SIZE"
	}
	own := s.reservations(processType, sidecars, nil)
	if len(own) == 0 {
		return more
	}
	return fmt.Sprintf("Let them reserve less: memory in %s, or cf set-env APP_NAME %s SIZE. Or:\n%s",
		sidecar.FileName, sidecar.VariableName(own[0].sidecar, "memory"), more)
}

// reservations are those of a process type, this buildpack's sidecars first.
func (s *Supplier) reservations(processType string, sidecars []sidecar.Definition, neighbours []neighbour) []reservation {
	var reserved []reservation
	for _, d := range sidecars {
		if d.Memory > 0 && slices.Contains(d.ProcessTypes, processType) {
			reserved = append(reserved, reservation{sidecar: d.Name, memory: d.Memory})
		}
	}
	if _, padded := s.unpaddedDirectory(); padded {
		return reserved // the lifecycle does not see the neighbours' files
	}
	for _, n := range neighbours {
		for _, p := range n.processes {
			if p.Memory > 0 && slices.Contains(p.SidecarFor, processType) {
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
				printable.Name(d.Name), sidecar.FileName, sidecar.VariableName(d.Name, "memory"))
		}
	}
}
