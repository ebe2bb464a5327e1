package controller

import (
	"fmt"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// An attempt is a push in progress in Cloud Controller, which applies the manifest, stages the app
// and assigns the droplet, each in several transactions.
type attempt struct {
	*State
	// strict stops at the first refusal, as the platform does, and keeps what was stored by then.
	// Otherwise the attempt continues as if nothing had been refused, to find every refusal.
	strict   bool
	refusals Refusals
}

// refuse adds a refusal, and returns true if the attempt stops.
func (a *attempt) refuse(refusal Refusal) bool {
	a.refusals.add(refusal)
	return a.strict
}

// explained returns the refusals with their details, at the end of the attempt.
func (a *attempt) explained() Refusals {
	for i, refusal := range a.refusals {
		a.refusals[i].Detail, a.refusals[i].reserved = a.detail(refusal), nil
	}
	return a.refusals
}

// update creates a new process, and changes a process's command and checks.
func (a *attempt) update(asked AppProcess) bool {
	if strings.Contains(asked.Type, "\x00") && a.refuse(Refusal{Message: sayNull, Step: StepManifest, Process: asked.Type, Hidden: true}) {
		return false
	}
	if a.process(asked.Type) == nil && !a.create(asked.Type, StepManifest) {
		return false
	}
	process := a.process(asked.Type)
	changed := *process
	if asked.Command != nil {
		changed.command = *asked.Command
	}
	changed.check.take(asked.Check)
	changed.readiness.take(asked.Readiness)
	refusal := Refusal{Step: StepManifest, Process: asked.Type}
	switch {
	case len(changed.checkProblems()) > 0:
		refusal.Message = strings.Join(changed.checkProblems(), ", ")
		if changed.check.lacksEndpoint() || changed.readiness.lacksEndpoint() {
			refusal.Reason = ReasonEndpoint
		}
	case changed.unstorable():
		refusal.Message, refusal.Hidden = sayOutOfRange, true
	case strings.Contains(changed.command, "\x00"):
		refusal.Message, refusal.Hidden = sayNull, true
	}
	if refusal.Message != "" && a.refuse(refusal) {
		return false
	}
	*process = changed
	return true
}

func (a *attempt) scale(asked AppProcess) bool {
	process := a.process(asked.Type)
	changed := *process
	if asked.Instances != nil {
		changed.instances = *asked.Instances
	}
	if asked.Memory != 0 {
		changed.memory = asked.Memory
	}
	refusal := Refusal{Step: StepManifest, Process: asked.Type}
	switch {
	case changed.memory != process.memory && a.overcommitted(changed):
		reserved := a.reservations(changed)
		refusal.Message, refusal.Reason, refusal.reserved = sayTooSmall, ReasonMemory, &reserved
	case changed.memory > memory.Max:
		refusal.Message, refusal.Hidden = sayOutOfRange, true
	}
	if refusal.Message != "" && a.refuse(refusal) {
		return false
	}
	*process = changed
	return true
}

// create creates a process as the platform does before it scales it: with the default memory.
func (a *attempt) create(processType string, step Step) bool {
	process := newProcess(processType)
	if a.overcommitted(process) {
		reserved := a.reservations(process)
		if a.refuse(Refusal{
			Message: sayTooLargeForNew(processType), Step: step, Process: processType, Hidden: step == StepManifest, Reason: ReasonNewProcess, reserved: &reserved,
		}) {
			return false
		}
	}
	a.processes = append(a.processes, process)
	return true
}

// detail returns what a Refusal for memory says besides the platform's message, on one line. If
// everything fits in the end, the cause is the order in which the platform makes its changes
// (CF-38).
func (a *attempt) detail(refusal Refusal) string {
	if refusal.Step == StepStaging {
		return stateCommand
	}
	if refusal.reserved == nil {
		return ""
	}
	reserved, name := *refusal.reserved, printable.Name(refusal.Process)
	if process := a.process(refusal.Process); process != nil && !a.strict {
		if end := a.reservations(*process); !end.Budget().Fits() {
			return end.detail()
		}
	}
	switch {
	case refusal.Reason == ReasonNewProcess && refusal.Step == StepManifest:
		return fmt.Sprintf("The sidecars of the process %s reserve %s. The platform makes it with %s, and gives it more only then: push once without its sidecars, and then with them.",
			name, reserved, DefaultMemory)
	case a.strict || refusal.Reason == ReasonNewProcess:
		return reserved.detail()
	case refusal.Message == sayTooSmall:
		return fmt.Sprintf("The sidecars of the process %s still reserve %s when it is scaled to %s: push once with the smaller sidecars, and then with the smaller process.",
			name, reserved, reserved.Process)
	default:
		return fmt.Sprintf("The sidecars of the process %s reserve %s of its %s before the platform has changed all of them: push once with those that become smaller, and then with all.",
			name, reserved, reserved.Process)
	}
}
