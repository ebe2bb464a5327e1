// Package status is the status of running apps. Each run of sidecar publishes its instances in
// files of this user. From these, the states of supervisors and the process table, any run of
// sidecar finds out which processes run, with their health and memory.
package status

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// The health of an instance, and of the app's own process. The health of a sidecar is one of
// supervision's phases; without a supervisor, it is HealthRunning while its instance is up.
const (
	HealthStarting = "starting" // the health check has not passed yet
	HealthHealthy  = "healthy"  // its health check passes
	HealthRunning  = "running"  // there is no health check, and it runs
	HealthUnready  = "unready"  // the readiness check fails, so it gets no traffic
	HealthStopping = "stopping"
	HealthCrashed  = "crashed" // it has ended, and will be restarted
)

// A Status is the status of one process of a running app. Its JSON is stable; sizes are in MB.
type Status struct {
	App string `json:"-"`
	// Type and Index identify the process's instance.
	Type  string `json:"type"`
	Index int    `json:"index"`
	// Sidecar is the sidecar's name; empty for the app's own process.
	Sidecar string `json:"sidecar"`
	// Health is one of the Health constants or, for a supervised sidecar, one of supervision's
	// phases.
	Health string `json:"health"`
	// Restarts counts the crashes of the instance in this run or, for a sidecar, the restarts by
	// its supervisor since the instance started.
	Restarts int `json:"restarts"`
	// Memory is the resident memory of the process and its descendants, rounded up; 0 if it does
	// not run, or if this system does not tell. Memory that they share counts once
	// (processtree.Resident). For a supervised sidecar, it includes only processes that the
	// supervisor has started.
	Memory memory.Size `json:"memory_in_mb"`
	// Reserved is its share of the instance's memory: a sidecar's reservation, or what the sidecars
	// leave to the app; 0 if it has no share of its own.
	Reserved memory.Size `json:"reserved_in_mb"`
	// Since is when the health last changed.
	Since time.Time `json:"since"`
	// Details is the result of the last failed probe, or the reason of a crash; otherwise empty.
	Details string `json:"details"`
}

// Statuses returns the current status of all processes of these apps, in the order of the apps and
// their plans; an instance's own process precedes its sidecars.
func Statuses(apps []RunningApp) []Status {
	processes := processtree.All()
	var all []Status
	for _, app := range apps {
		for _, instance := range app.Instances {
			all = append(all, instance.statuses(app, processes)...)
		}
	}
	return all
}

func (r RunningInstance) statuses(app RunningApp, processes []processtree.Process) []Status {
	i := slices.IndexFunc(app.Plan.Processes, func(p controller.PlannedProcess) bool { return p.Type == r.Type })
	if i < 0 {
		return nil // another version of sidecar may have written it
	}
	process := app.Plan.Processes[i]
	all := []Status{{
		App: app.Name, Type: r.Type, Index: r.Index, Health: r.Health, Restarts: r.Restarts,
		Reserved: process.MemoryLimit, Since: r.Since, Details: r.Details,
	}}
	supervised := StatesIn(r.Root, process.Sidecars)
	for _, sidecar := range process.Sidecars {
		s := Status{App: app.Name, Type: r.Type, Index: r.Index, Sidecar: sidecar.Name, Reserved: sidecar.Memory}
		r.sidecar(&s, supervised)
		all = append(all, s)
	}
	for i := range min(len(all), len(r.Pids)) {
		all[i].Memory = megabytes(processtree.Resident(sidecarProcesses(processes, r.Pids[i], supervised[all[i].Sidecar])))
	}
	return all
}

// sidecar sets the status of a sidecar. If the instance is ending or has ended, so is the sidecar,
// since both run together or not at all.
func (r RunningInstance) sidecar(s *Status, supervised map[string]supervision.State) {
	state, told := supervised[s.Sidecar]
	switch {
	case r.Health == HealthStopping || r.Health == HealthCrashed:
		s.Health, s.Since, s.Restarts = r.Health, r.Since, state.Restarts
	case len(r.Pids) == 0:
		s.Health, s.Since = HealthStarting, r.Since
	case told:
		s.Health, s.Since, s.Restarts, s.Details = state.Phase, state.Since, state.Restarts, state.LastError
	default:
		s.Health, s.Since = HealthRunning, r.Started
	}
	if s.Since.IsZero() {
		s.Since = r.Started
	}
}

// StatesIn returns the states of the supervised sidecars among these, by name. It ignores all other
// files in the container, of which there may be any number.
func StatesIn(root string, sidecars []controller.PlannedSidecar) map[string]supervision.State {
	states := map[string]supervision.State{}
	for directory, names := range supervisedIn(root, sidecars) {
		addStates(states, directory, names)
	}
	return states
}

// supervisedIn returns the names of supervised sidecars by the directory of their buildpack; none
// without a root.
func supervisedIn(root string, sidecars []controller.PlannedSidecar) map[string][]string {
	names := map[string][]string{}
	for _, s := range sidecars {
		if index, ok := launch.SupervisorIndex(s.Command); ok && root != "" {
			directory := filepath.Join(root, "deps", index)
			names[directory] = append(names[directory], s.Name)
		}
	}
	return names
}

// DependenciesIn returns the sidecars that each supervised sidecar waits for, as far as known.
func DependenciesIn(root string, sidecars []controller.PlannedSidecar) map[string][]string {
	dependencies := map[string][]string{}
	for directory := range supervisedIn(root, sidecars) {
		specs, _ := supervision.Read(directory) // supervisors cannot read more of them either
		for _, s := range specs {
			dependencies[s.Name] = s.DependsOn
		}
	}
	return dependencies
}

// addStates adds the states of one buildpack's sidecars with these names.
func addStates(states map[string]supervision.State, directory string, names []string) {
	specs, err := supervision.Read(directory)
	var newer *supervision.VersionError
	if errors.As(err, &newer) {
		for _, name := range names {
			states[name] = untold(name, err)
		}
	}
	if err != nil {
		return // otherwise, supervisors cannot read them either
	}
	for _, name := range names {
		i := slices.IndexFunc(specs, func(s supervision.Spec) bool { return s.Name == name })
		if i < 0 {
			continue // supervisors do not find it either
		}
		state, err := supervision.ReadState(directory, specs, i)
		switch {
		case err == nil:
			states[name] = state
		case errors.As(err, &newer):
			states[name] = untold(name, err)
		case !tells(specs[i]):
		case errors.Is(err, fs.ErrNotExist): // it has not written its state yet
			states[name] = supervision.State{Name: name, Phase: supervision.PhaseStarting}
		default:
			states[name] = supervision.State{Name: name, Phase: supervision.PhaseStarting, LastError: err.Error()}
		}
	}
}

// untold is the state of a running sidecar whose state file is from a newer version.
func untold(name string, err error) supervision.State {
	return supervision.State{Name: name, Phase: HealthRunning, LastError: err.Error()}
}

// tells reports whether a sidecar's supervisor writes a state: not if it neither delays nor
// supervises the sidecar.
func tells(s supervision.Spec) bool {
	return len(s.DependsOn) > 0 || s.KeepsSupervisor()
}
