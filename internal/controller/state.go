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
	// PartlyStaged tells that what is pushed as staged is not all that the droplet
	// will have, so that nothing can be said of what it lacks.
	PartlyStaged bool

	processes []processState
	sidecars  []sidecarState
	// droplet holds the commands of the app's droplet by process type.
	droplet map[string]string
}

// A processState is one of its processes. An empty command means the droplet's
// command.
type processState struct {
	processType string
	command     string
	memory      memory.Size
	instances   int
	check       AppCheck
	readiness   AppCheck
}

// A sidecarState is one of its sidecars, with a memory of 0 for none.
type sidecarState struct {
	launch.Process
	origin Origin
}

// NewState is that of an app that has just been created.
func NewState() *State {
	return &State{processes: []processState{newProcess(launch.WebProcess)}}
}

// newProcess is a process as the platform makes one.
func newProcess(processType string) processState {
	process := processState{processType: processType, memory: DefaultMemory, check: AppCheck{Type: CheckProcess}}
	if processType == launch.WebProcess {
		process.instances, process.check.Type = 1, CheckPort
	}
	return process
}

// clone copies all that a push changes.
func (r *State) clone() *State {
	return &State{r.PartlyStaged, slices.Clone(r.processes), slices.Clone(r.sidecars), maps.Clone(r.droplet)}
}

// Rollback takes the app back to its present revision or to an earlier one with
// the same sidecars: all are made again, as the user's (CF-39).
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

// command is a process's start command, or empty if it has none. A blank one counts
// as none.
func (r *State) command(process processState) string {
	if !blank(process.command) {
		return process.command
	}
	return r.droplet[process.processType]
}

// sidecarsOf are the sidecars of a process type.
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

// overcommitted tells that the sidecars of a process leave it nothing (CF-33).
func (r *State) overcommitted(process processState) bool {
	return !r.budget(process).Fits()
}

// tooSmallFor are the processes that a sidecar would leave nothing, with all others
// that are on record (CF-33), each with what is reserved of it then. Known tells that it
// is one of those itself.
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

// reservations are those of a process as it is on record, or would be.
func (r *State) reservations(process processState) Reservations {
	reserved := Reservations{ProcessType: process.processType, Process: process.memory}
	for _, s := range r.sidecarsOf(process.processType) {
		reserved.All = append(reserved.All, reservationOf(s.Process))
	}
	return reserved
}
