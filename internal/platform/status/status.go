// Package status is how running apps are: each run of sidecar publishes its instances in
// files of this user, and any run of sidecar reads from them, from the states that supervisors
// write and from the process table, what runs, how well, and with how much memory.
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

// How an instance is, and with it the app's own process. A sidecar is as its
// supervisor says (one of the phases of package supervise); one without a
// supervisor is HealthRunning while its instance is up.
const (
	HealthStarting = "starting" // its health check has not passed yet
	HealthHealthy  = "healthy"  // its health check passes
	HealthRunning  = "running"  // nothing is checked but that it runs
	HealthUnready  = "unready"  // it runs, but its readiness check fails, so that it gets no traffic
	HealthStopping = "stopping"
	HealthCrashed  = "crashed" // has ended, and is started again
)

// A Status is how one process of a running app is at one moment. Its JSON is part
// of a stable form that programs read; sizes are in MB.
type Status struct {
	App string `json:"-"`
	// Type and Index are those of the instance that the process is in.
	Type  string `json:"type"`
	Index int    `json:"index"`
	// Sidecar is the sidecar's name, empty for the app's own process.
	Sidecar string `json:"sidecar"`
	// Health is one of the Health constants or, of a supervised sidecar, of
	// supervise's phases.
	Health string `json:"health"`
	// Restarts is how often the instance has crashed in this run or, of a sidecar,
	// how often its supervisor has started it again in the instance as it is now.
	Restarts int `json:"restarts"`
	// Memory is what the process has resident together with all that descends from
	// it, rounded up; 0 where it does not run, or this system does not tell. Memory that
	// these share counts once (processtree.Resident). Of a supervised sidecar, only what its
	// supervisor has started is in it.
	Memory memory.Size `json:"memory_in_mb"`
	// Reserved is its part of the instance's memory: of a sidecar what it reserves,
	// of the app what the sidecars leave. 0 is no part of its own.
	Reserved memory.Size `json:"reserved_in_mb"`
	// Since is when it came to be as Health says.
	Since time.Time `json:"since"`
	// Details is what the last probe found where it failed, or why the instance has
	// crashed; empty where there is nothing to say.
	Details string `json:"details"`
}

// Statuses are those of all processes of these apps, now. They come in the order of
// the apps and their plans, an instance's own process before its sidecars.
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
		return nil // another version of sidecar may have told of it
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

// sidecar finds out how a sidecar is. App and sidecars run together or not at all,
// so that where the instance is ending or has ended, so is the sidecar.
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

// StatesIn are the states of those of the sidecars in a container that are supervised, by
// their names. It ignores other files of the container's processes there: there may be
// any number of them.
func StatesIn(root string, sidecars []controller.PlannedSidecar) map[string]supervision.State {
	states := map[string]supervision.State{}
	for directory, names := range supervisedIn(root, sidecars) {
		addStates(states, directory, names)
	}
	return states
}

// supervisedIn are the names of sidecars that have a supervisor, by the directory of the
// buildpack that has brought it. Without a root there are none.
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

// DependenciesIn are the names of those that each supervised sidecar starts after, as far as
// they are known.
func DependenciesIn(root string, sidecars []controller.PlannedSidecar) map[string][]string {
	dependencies := map[string][]string{}
	for directory := range supervisedIn(root, sidecars) {
		specs, _ := supervision.Read(directory) // no supervisor could have read more of them
		for _, s := range specs {
			dependencies[s.Name] = s.DependsOn
		}
	}
	return dependencies
}

// addStates adds those of one buildpack's sidecars with these names.
func addStates(states map[string]supervision.State, directory string, names []string) {
	specs, err := supervision.Read(directory)
	var newer *supervision.VersionError
	if errors.As(err, &newer) {
		for _, name := range names {
			states[name] = untold(name, err)
		}
	}
	if err != nil {
		return // otherwise no supervisor could have read them either
	}
	for _, name := range names {
		i := slices.IndexFunc(specs, func(s supervision.Spec) bool { return s.Name == name })
		if i < 0 {
			continue // no supervisor would have found it either
		}
		state, err := supervision.ReadState(directory, specs, i)
		switch {
		case err == nil:
			states[name] = state
		case errors.As(err, &newer):
			states[name] = untold(name, err)
		case !tells(specs[i]):
		case errors.Is(err, fs.ErrNotExist): // it has not told yet
			states[name] = supervision.State{Name: name, Phase: supervision.PhaseStarting}
		default:
			states[name] = supervision.State{Name: name, Phase: supervision.PhaseStarting, LastError: err.Error()}
		}
	}
}

// untold is the state of a sidecar that runs, and of which only a newer version can tell more.
func untold(name string, err error) supervision.State {
	return supervision.State{Name: name, Phase: HealthRunning, LastError: err.Error()}
}

// tells whether a supervisor has anything to tell of such a sidecar: of one that it
// neither holds back nor stays with, it has not.
func tells(s supervision.Spec) bool {
	return len(s.DependsOn) > 0 || s.KeepsSupervisor()
}
