package controller

import (
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// stage rejects a droplet with nothing to start. If it has any process, or the web process has a
// command, the platform starts the app (CF-10).
func (a *attempt) stage(staged []launch.Process) bool {
	some := a.PartlyStaged || slices.ContainsFunc(staged, func(s launch.Process) bool { return !s.IsSidecar() })
	if some || !blank(a.process(launch.WebProcess).command) {
		return true
	}
	return !a.refuse(Refusal{Message: sayNothingToStart, Step: StepStaging})
}

// assign makes a droplet the app's current one, in one transaction. staged are the processes and
// sidecars of its staging result. All sidecars of origin buildpack are recreated from it (CF-34),
// and process types that are new to the app are created.
func (a *attempt) assign(staged []launch.Process) bool {
	before := a.clone()
	a.droplet = map[string]string{}
	for _, s := range staged {
		if !s.IsSidecar() {
			a.droplet[s.Type] = s.Command
		}
	}
	a.sidecars = slices.DeleteFunc(a.sidecars, func(s sidecarState) bool { return s.origin == OriginBuildpack })
	for _, s := range staged {
		if s.IsSidecar() && !a.assignSidecar(s) {
			*a.State = *before
			return false
		}
	}
	for _, s := range staged {
		if !s.IsSidecar() && !a.assignProcess(s.Type) {
			*a.State = *before
			return false
		}
	}
	return true
}

// assignProcess creates a process that only the droplet has.
func (a *attempt) assignProcess(processType string) bool {
	if strings.Contains(processType, "\x00") && a.refuse(Refusal{Message: sayNull, Step: StepDroplet, Process: processType, Hidden: true}) {
		return false
	}
	return a.process(processType) != nil || a.create(processType, StepDroplet)
}

// assignSidecar creates one of the droplet's sidecars. If its name is taken, it is never created,
// even if the attempt is not strict.
func (a *attempt) assignSidecar(s launch.Process) bool {
	say := func(message string) bool {
		return a.refuse(Refusal{Message: message, Step: StepDroplet, Sidecar: s.Type, Hidden: true})
	}
	i := slices.IndexFunc(a.sidecars, func(known sidecarState) bool { return known.Type == s.Type })
	if i >= 0 && a.sidecars[i].origin == OriginUser {
		return !a.refuse(Refusal{Message: sayConflict(s.Type), Step: StepDroplet, Sidecar: s.Type, Reason: ReasonConflict})
	}
	types := TypeNames(s.SidecarFor...)
	if (strings.Contains(s.Type, "\x00") || findsNull(types)) && say(sayNull) {
		return false
	}
	for _, reserved := range a.tooSmallFor(s, false) {
		t := reserved.ProcessType
		if a.refuse(Refusal{Message: sayTooLarge(t), Step: StepDroplet, Process: t, Hidden: true, Reason: ReasonMemory, reserved: &reserved}) {
			return false
		}
	}
	for _, problem := range violationsOf(s, types) {
		if say(problem.sentence) {
			return false
		}
	}
	if i >= 0 {
		return !say(sayTaken(s.Type))
	}
	a.sidecars = append(a.sidecars, sidecarState{Process: s, origin: OriginBuildpack})
	return true
}
