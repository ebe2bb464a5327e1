package controller

import (
	"maps"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// Origin says who declared a sidecar (CF-34).
type Origin string

const (
	OriginUser      Origin = "user"      // the app manifest
	OriginBuildpack Origin = "buildpack" // the droplet, so a launch.yml
)

// A State is what Cloud Controller has stored of one app.
type State struct {
	// PartlyStaged says that the pushed staging result lacks parts of the future droplet, so that
	// nothing can be said about what is missing.
	PartlyStaged bool

	processes []processState
	sidecars  []sidecarState
	// droplet maps process types to the commands of the app's droplet.
	droplet map[string]string
}

// A processState is one of its processes. An empty command means the droplet's command.
type processState struct {
	processType string
	command     string
	memory      memory.Size
	instances   int
	check       AppCheck
	readiness   AppCheck
}

// A sidecarState is one of its sidecars. A memory of 0 means none.
type sidecarState struct {
	launch.Process
	origin Origin
}

// NewState returns the state of an app that has just been created.
func NewState() *State {
	return &State{processes: []processState{newProcess(launch.WebProcess)}}
}

// newProcess returns a process as the platform creates it.
func newProcess(processType string) processState {
	process := processState{processType: processType, memory: DefaultMemory, check: AppCheck{Type: CheckProcess}}
	if processType == launch.WebProcess {
		process.instances, process.check.Type = 1, CheckPort
	}
	return process
}

// clone copies everything that a push changes.
func (r *State) clone() *State {
	return &State{r.PartlyStaged, slices.Clone(r.processes), slices.Clone(r.sidecars), maps.Clone(r.droplet)}
}

// Rollback takes the app back to its current revision, or to an earlier one with the same sidecars:
// all sidecars are recreated with origin user (CF-39).
func (r *State) Rollback() {
	for i := range r.sidecars {
		r.sidecars[i].origin = OriginUser
	}
}

func (r *State) process(processType string) *processState {
	i := slices.IndexFunc(r.processes, func(p processState) bool { return p.processType == processType })
	if i < 0 {
		return nil
	}
	return &r.processes[i]
}

// command returns a process's start command, or nothing if it has none. A blank one counts as none.
func (r *State) command(process processState) string {
	if !blank(process.command) {
		return process.command
	}
	return r.droplet[process.processType]
}

// sidecarsOf returns the sidecars of a process type.
func (r *State) sidecarsOf(processType string) []sidecarState {
	var sidecars []sidecarState
	for _, s := range r.sidecars {
		if slices.Contains(s.SidecarFor, processType) {
			sidecars = append(sidecars, s)
		}
	}
	return sidecars
}

func (r *State) budget(process processState) memory.Budget {
	return r.reservations(process).Budget()
}

// overcommitted reports whether a process's sidecars leave it no memory (CF-33).
func (r *State) overcommitted(process processState) bool {
	return !r.budget(process).Fits()
}

// tooSmallFor returns the processes that a sidecar, together with all that are stored, would leave
// no memory (CF-33), each with the resulting reservations. known says that the sidecar is one of
// those stored.
func (r *State) tooSmallFor(sidecar launch.Process, known bool) []Reservations {
	var all []Reservations
	for _, process := range r.processes {
		if !slices.Contains(sidecar.SidecarFor, process.processType) {
			continue
		}
		reserved := Reservations{ProcessType: process.processType, Process: process.memory}
		for _, s := range r.sidecarsOf(process.processType) {
			if !known || s.Type != sidecar.Type {
				reserved.All = append(reserved.All, reservationOf(s.Process))
			}
		}
		reserved.All = append(reserved.All, reservationOf(sidecar))
		if !reserved.Budget().Fits() {
			all = append(all, reserved)
		}
	}
	return all
}

// reservations returns those of a process as it is stored, or would be.
func (r *State) reservations(process processState) Reservations {
	reserved := Reservations{ProcessType: process.processType, Process: process.memory}
	for _, s := range r.sidecarsOf(process.processType) {
		reserved.All = append(reserved.All, reservationOf(s.Process))
	}
	return reserved
}
