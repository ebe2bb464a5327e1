package supply

import (
	"errors"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
	"github.com/cloudfoundry-community/sidecar-buildpack/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

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
		reserved := s.reservations(t, sidecars, neighbours)
		switch {
		case len(reserved.All) == 0 || reserved.Budget().Fits():
		case t == launch.WebProcess:
			return errors.New(reserved.Refusal())
		default:
			s.Log.Warning("The sidecars of the process %s reserve %s. It has to be given more than that: by itself, the platform gives it %s.\n%s",
				printable.Name(t), reserved, controller.DefaultMemory, reserved.WaysOut())
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

// reservations are those of a process type, this buildpack's sidecars first. The memory
// of the web process is taken to be the staging container's, that of any other one the
// platform's default.
func (s *Supplier) reservations(processType string, sidecars []sidecar.Definition, neighbours []neighbour) controller.Reservations {
	reserved := controller.Reservations{ProcessType: processType, Process: controller.DefaultMemory}
	if processType == launch.WebProcess {
		reserved.Process = s.StagingMemory
	}
	for _, d := range sidecars {
		if d.Memory > 0 && slices.Contains(d.ProcessTypes, processType) {
			reserved.All = append(reserved.All, controller.Reservation{Sidecar: d.Name, Memory: d.Memory, DeclaredBy: launch.Declarer{ReadsSidecarsFile: true}})
		}
	}
	if _, padded := s.unpaddedDirectory(); padded {
		return reserved // the lifecycle does not see the neighbours' files
	}
	for _, n := range neighbours {
		for _, p := range n.processes {
			if p.Memory > 0 && slices.Contains(p.SidecarFor, processType) {
				reserved.All = append(reserved.All, controller.Reservation{Sidecar: p.Type, Memory: memory.Size(p.Memory), DeclaredBy: launch.Declarer{Name: n.name, ReadsSidecarsFile: n.family}})
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
