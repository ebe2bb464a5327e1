package judge

import (
	"errors"
	"fmt"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// checkMemory rejects sidecars that leave the web process no memory. The staging container has at
// least that process's memory (CF-13), so what does not fit here cannot fit later (CF-33), when the
// platform would fail without a clear message (CF-36). For a process of another type, the memory is
// unknown: checkMemory only warns if the platform's default is too small.
func (c Case) checkMemory(v *Verdict) error {
	v.Warnings = append(v.Warnings, withoutMemory(v.Sidecars)...)
	if c.Memory == 0 {
		return nil
	}
	for _, t := range processTypesOf(v.Sidecars) {
		reserved := c.reservations(t, v)
		switch {
		case len(reserved.All) == 0 || reserved.Budget().Fits():
		case t == launch.WebProcess:
			return errors.New(reserved.Refusal())
		default:
			v.Warnings = append(v.Warnings, fmt.Sprintf("The sidecars of the process %s reserve %s. It has to be given more than that: by itself, the platform gives it %s.\n%s",
				printable.Name(t), reserved, controller.DefaultMemory, reserved.WaysOut()))
		}
	}
	return nil
}

// processTypesOf returns the process types that the sidecars run with, web first.
func processTypesOf(sidecars []sidecar.Definition) []string {
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

// reservations returns those of a process type, this buildpack's sidecars first. It assumes that
// the web process has the staging container's memory, and any other process the platform's default.
func (c Case) reservations(processType string, v *Verdict) controller.Reservations {
	reserved := controller.Reservations{ProcessType: processType, Process: controller.DefaultMemory}
	if processType == launch.WebProcess {
		reserved.Process = c.Memory
	}
	for _, d := range v.Sidecars {
		if d.Memory > 0 && slices.Contains(d.ProcessTypes, processType) {
			reserved.All = append(reserved.All, controller.Reservation{Sidecar: d.Name, Memory: d.Memory, DeclaredBy: launch.Declarer{ReadsSidecarsFile: true}})
		}
	}
	if c.EarlierUnseen {
		return reserved
	}
	for _, n := range v.Neighbors {
		for _, p := range n.Processes {
			if p.Memory > 0 && slices.Contains(p.SidecarFor, processType) {
				reserved.All = append(reserved.All, controller.Reservation{Sidecar: p.Type, Memory: memory.Size(p.Memory), DeclaredBy: launch.Declarer{Name: n.Name, ReadsSidecarsFile: n.Family}})
			}
		}
	}
	return reserved
}

// withoutMemory says what may happen to a sidecar that reserves none.
func withoutMemory(sidecars []sidecar.Definition) []string {
	var warnings []string
	for _, d := range sidecars {
		if d.Memory == 0 {
			warnings = append(warnings, fmt.Sprintf("Sidecar %s reserves no memory. If the app uses the whole container limit, as one in Java does, "+
				"both are killed for memory. State its memory in %s, or cf set-env APP_NAME %s SIZE.",
				printable.Name(d.Name), sidecar.FileName, sidecar.VariableName(d.Name, "memory")))
		}
	}
	return warnings
}
