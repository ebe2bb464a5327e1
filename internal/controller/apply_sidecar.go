package controller

import (
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

func (a *attempt) applySidecar(asked AppSidecar) bool {
	stated := sidecarState{origin: OriginUser, Process: launch.Process{Type: asked.Name, Command: asked.Command, Memory: int(asked.Memory), SidecarFor: []string{}, DeclaredBy: byManifest}}
	for _, t := range asked.ProcessTypes {
		stated.SidecarFor = append(stated.SidecarFor, t.Text)
	}
	i := slices.IndexFunc(a.sidecars, func(s sidecarState) bool { return s.Type == asked.Name })
	if i >= 0 {
		stated.origin = a.sidecars[i].origin
		if stated.Memory == 0 {
			stated.Memory = a.sidecars[i].Memory
		}
	}
	for _, refusal := range a.manifestProblems(asked, stated.Process, i >= 0) {
		if a.refuse(refusal) {
			return false
		}
	}
	if i >= 0 {
		a.sidecars[i] = stated
	} else {
		a.sidecars = append(a.sidecars, stated)
	}
	return true
}

// manifestProblems returns why the platform rejects a sidecar of the manifest, in the order of its
// checks. For a new sidecar without a memory setting, the memory is not checked.
func (a *attempt) manifestProblems(asked AppSidecar, stated launch.Process, known bool) Refusals {
	var problems Refusals
	say := func(message string, hidden bool) {
		problems = append(problems, Refusal{Message: message, Step: StepManifest, Sidecar: asked.Name, Hidden: hidden})
	}
	if strings.Contains(asked.Name, "\x00") {
		say(sayNull, true)
	}
	if known || asked.Memory != 0 {
		if asked.Lookup != "" {
			say(asked.Lookup, true)
		}
		if findsNull(asked.ProcessTypes) {
			say(sayNull, true)
		}
		if asked.MemoryIsText && slices.ContainsFunc(a.processes, func(p processState) bool { return slices.Contains(stated.SidecarFor, p.processType) }) {
			say(sayTextMemory, true)
		}
		for _, reserved := range a.tooSmallFor(stated, known) {
			t := reserved.ProcessType
			problems = append(problems, Refusal{Message: sayTooLarge(t), Step: StepManifest, Process: t, Reason: ReasonMemory, reserved: &reserved})
		}
	}
	for _, problem := range violationsOf(stated, asked.ProcessTypes) {
		say(problem.sentence, problem.hidden)
	}
	return problems
}
