package controller

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// A Plan is everything that the platform will run for an app, or would if it did not refuse to. Its
// JSON is a stable format for programs; sizes are in MB.
type Plan struct {
	Processes []PlannedProcess `json:"processes"`
	// Refusals are why the platform rejects the push.
	Refusals Refusals `json:"refusals"`
	// Warnings are sentences about what the platform accepts, but is most likely a mistake.
	Warnings []string `json:"warnings"`
}

// A PlannedProcess is one process type with its sidecars.
type PlannedProcess struct {
	Type string `json:"type"`
	// Command is empty if neither the app nor a buildpack sets one.
	Command   string `json:"command"`
	Instances int    `json:"instances"`
	// Memory is the container's.
	Memory memory.Size `json:"memory_in_mb"`
	// MemoryLimit is the app's own share (CF-22); it is zero or less if the sidecars reserve too
	// much.
	MemoryLimit memory.Size      `json:"memory_limit_in_mb"`
	Sidecars    []PlannedSidecar `json:"sidecars"`
}

// A PlannedSidecar is one sidecar of one process.
type PlannedSidecar struct {
	Name    string `json:"name"`
	Command string `json:"command"`
	Origin  Origin `json:"origin"`
	// Memory is what the sidecar reserves; 0 means nothing.
	Memory memory.Size `json:"memory_in_mb"`
	// MemoryLimit is the limit that the sidecar sees (CF-23).
	MemoryLimit memory.Size `json:"memory_limit_in_mb"`
}

// NewPlan merges what the droplet declares with what the app asks for, as Cloud Controller does at
// the first push of an app. staged are the processes and sidecars of the staging result. The error
// is the plan's Refusals; the plan is complete even then.
func NewPlan(staged []launch.Process, app App) (Plan, error) {
	return NewState().Push(staged, app)
}

// Push applies the app's manifest, assigns the droplet, and returns the resulting plan. It
// continues after a refusal as if there had been none, to find all of them. The error is the plan's
// Refusals; the plan is complete even then.
func (r *State) Push(staged []launch.Process, app App) (Plan, error) {
	a := attempt{State: r}
	a.push(staged, app)
	plan := r.plan()
	plan.Refusals = append(plan.Refusals, a.explained()...)
	plan.Warnings = append(plan.Warnings, r.staleSidecars(staged, app)...)
	return plan, a.refusals.err()
}

// Store pushes as the platform does: it stops at the first refusal and returns it, and keeps what
// was stored by then. The error is a Refusal.
func (r *State) Store(staged []launch.Process, app App) error {
	a := attempt{State: r, strict: true}
	if !a.push(staged, app) {
		return a.explained()[0]
	}
	return nil
}

// StoreManifest is Store for a push whose staging fails.
func (r *State) StoreManifest(app App) error {
	a := attempt{State: r, strict: true}
	if !a.apply(app) {
		return a.explained()[0]
	}
	return nil
}

// Apply applies an app manifest without a droplet, and continues after a refusal.
func (r *State) Apply(app App) Refusals {
	a := attempt{State: r}
	a.apply(app)
	return a.explained()
}

// staleSidecars warns about what an earlier push has stored and this one does not set: the platform
// does not delete sidecars that a manifest omits, and keeps a memory that it does not set (CF-38).
func (r *State) staleSidecars(staged []launch.Process, app App) []string {
	var warnings []string
	declared := declaredNames(staged, app)
	for _, s := range r.sidecars {
		if s.origin == OriginUser && !slices.Contains(declared, s.Type) {
			warnings = append(warnings, fmt.Sprintf("Sidecar %q is not declared any more, and the platform goes on running it until it is deleted.", s.Type))
		}
	}
	for _, d := range app.Sidecars {
		i := slices.IndexFunc(r.sidecars, func(s sidecarState) bool { return s.Type == d.Name })
		if i >= 0 && d.Memory == 0 && r.sidecars[i].Memory > 0 {
			warnings = append(warnings, fmt.Sprintf("Sidecar %q states no memory any more, and keeps the %s that it had.", d.Name, memory.Size(r.sidecars[i].Memory)))
		}
	}
	return warnings
}

// plan returns what the platform would run by what is stored. Its lists are empty and not nil,
// since readers in other languages expect that.
func (r *State) plan() Plan {
	plan := Plan{Processes: []PlannedProcess{}, Refusals: Refusals{}, Warnings: r.warnings()}
	for _, p := range r.processes {
		budget := r.budget(p)
		planned := PlannedProcess{
			Type: p.processType, Command: r.command(p), Instances: p.instances,
			Memory: p.memory, MemoryLimit: budget.AppLimit(), Sidecars: []PlannedSidecar{},
		}
		for _, s := range r.sidecarsOf(p.processType) {
			size := memory.Size(s.Memory)
			planned.Sidecars = append(planned.Sidecars, PlannedSidecar{
				Name: s.Type, Command: s.Command, Origin: s.origin, Memory: size, MemoryLimit: budget.SidecarLimit(size)})
		}
		plan.Processes = append(plan.Processes, planned)
	}
	return plan
}

func (r *State) warnings() []string {
	warnings := []string{}
	for _, s := range r.sidecars {
		if s.Memory < 0 {
			warnings = append(warnings, fmt.Sprintf(
				"Sidecar %q reserves %d MB, and the platform does not object: the app is told that it has more than the container.", s.Type, s.Memory))
		}
		warnings = append(warnings, r.warningsOfTypes(s)...)
	}
	return warnings
}

// warningsOfTypes warns about process types of a sidecar that the app does not have. If the app has
// another of its types, only types that look misspelled are mentioned: a sidecar may be meant for
// more types than this app has.
func (r *State) warningsOfTypes(s sidecarState) []string {
	types := make([]string, len(r.processes))
	for i, p := range r.processes {
		types[i] = p.processType
	}
	unknown := slices.DeleteFunc(slices.Clone(s.SidecarFor), func(t string) bool { return r.process(t) != nil })
	meant := ""
	for _, t := range unknown {
		if meant = suggest.Name(t, slices.DeleteFunc(slices.Clone(types), func(t string) bool { return slices.Contains(s.SidecarFor, t) })); meant != "" {
			break
		}
	}
	switch {
	case len(unknown) == len(s.SidecarFor):
		return []string{fmt.Sprintf("Sidecar %q runs nowhere: the app has no process of type %s%s.", s.Type, printableAll(unknown),
			suggest.Before(printable.Name(meant), "it has "+printableAll(types)))}
	case meant != "":
		return []string{fmt.Sprintf("Sidecar %q does not run with every process type that it names: the app has none of type %s%s.", s.Type, printableAll(unknown),
			suggest.Before(printable.Name(meant), "it has "+printableAll(types)))}
	default:
		return nil
	}
}

func printableAll(names []string) string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = printable.Name(name)
	}
	return strings.Join(all, ", ")
}

// Reservations returns what the process's sidecars reserve.
func (p PlannedProcess) Reservations() Reservations {
	reserved := Reservations{ProcessType: p.Type, Process: p.Memory}
	for _, s := range p.Sidecars {
		one := Reservation{Sidecar: s.Name, Memory: s.Memory}
		if s.Origin == OriginUser {
			one.DeclaredBy = byManifest
		}
		reserved.All = append(reserved.All, one)
	}
	return reserved
}

// Redacted returns the plan without possible secrets in its commands, to be shown.
func (p Plan) Redacted() Plan {
	p.Processes = slices.Clone(p.Processes)
	for i := range p.Processes {
		process := &p.Processes[i]
		process.Command = redact.Text(process.Command)
		process.Sidecars = slices.Clone(process.Sidecars)
		for j := range process.Sidecars {
			process.Sidecars[j].Command = redact.Text(process.Sidecars[j].Command)
		}
	}
	return p
}

// Running returns the processes with at least one requested instance.
func (p Plan) Running() []PlannedProcess {
	return slices.DeleteFunc(slices.Clone(p.Processes), func(p PlannedProcess) bool { return p.Instances == 0 })
}

// Startable returns nil, or an error that names the processes without a start command. The platform
// starts these all the same, if the droplet has any process at all, and they crash (CF-10).
func (p Plan) Startable() error {
	var problems []error
	for _, process := range p.Running() {
		if process.Command == "" {
			problems = append(problems, fmt.Errorf("process %q has no start command, so it crashes: add a line %q to the app's Procfile, or state a command in the manifest or with -c",
				process.Type, process.Type+": COMMAND"))
		}
	}
	return errors.Join(problems...)
}

// Check returns what the platform rejects when the app's manifest is first applied, before there is
// a droplet. The error is a Refusals.
func (a App) Check() error {
	return NewState().Apply(a).err()
}

// declaredNames returns the names of the sidecars in manifest and droplet.
func declaredNames(staged []launch.Process, app App) []string {
	var names []string
	for _, d := range app.Sidecars {
		names = append(names, d.Name)
	}
	for _, s := range staged {
		if s.IsSidecar() {
			names = append(names, s.Type)
		}
	}
	return names
}
