package launch

import (
	"errors"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

// Origin says who declared a sidecar (PR-34).
type Origin string

const (
	OriginUser      Origin = "user"      // the app manifest
	OriginBuildpack Origin = "buildpack" // the droplet, so a launch.yml
)

// WebProcess is the process type that every app has.
const WebProcess = "web"

// An App is what the developer asks the platform for.
type App struct {
	Processes []AppProcess
	// Sidecars are the app manifest's, of origin user.
	Sidecars []sidecar.Definition
}

// An AppProcess is what the manifest and the command line say of one process
// type.
type AppProcess struct {
	Type      string
	Command   string // empty: the droplet's
	Memory    memory.Size
	Instances int
}

// A Plan is everything that the platform will run.
type Plan struct {
	Processes []PlannedProcess
}

// A PlannedProcess is one process type with what runs beside it.
type PlannedProcess struct {
	Type      string
	Command   string
	Instances int
	// Memory is the container's.
	Memory memory.Size
	// MemoryLimit is the app's own share (PR-22).
	MemoryLimit memory.Size
	Sidecars    []PlannedSidecar
}

// A PlannedSidecar is one sidecar beside one process.
type PlannedSidecar struct {
	Name    string
	Command string
	Origin  Origin
	// Memory is what it reserves; 0 is nothing.
	Memory memory.Size
	// MemoryLimit is what it is told that it has (PR-23).
	MemoryLimit memory.Size
}

// A Refusal is a sentence with which the platform turns a push down.
type Refusal string

func (r Refusal) Error() string { return string(r) }

func refuse(sentence string, args ...any) error {
	return Refusal(fmt.Sprintf(sentence, args...))
}

// NewPlan merges what the droplet declares with what the app asks for, as Cloud
// Controller does when the droplet is assigned. Staged are the processes and
// sidecars of the staging result. The error holds every refusal, in the
// platform's own sentences.
func NewPlan(staged []Process, app App, defaultMemory memory.Size) (Plan, error) {
	refusals := conflicts(staged, app.Sidecars)
	var plan Plan
	for _, p := range processes(staged, app.Processes, defaultMemory) {
		planned, err := planProcess(p, staged, app.Sidecars)
		if err != nil {
			refusals = append(refusals, err)
		}
		plan.Processes = append(plan.Processes, planned)
	}
	if len(refusals) > 0 {
		return Plan{}, errors.Join(refusals...)
	}
	return plan, nil
}

// Running are the processes of which an instance was asked for.
func (p Plan) Running() []PlannedProcess {
	return slices.DeleteFunc(slices.Clone(p.Processes), func(p PlannedProcess) bool { return p.Instances == 0 })
}

// conflicts finds the sidecars that both the droplet and the user declare
// (PR-35), and those that the droplet declares twice (PR-08, PR-32).
func conflicts(staged []Process, user []sidecar.Definition) []error {
	var refusals []error
	for i, s := range staged {
		if !s.IsSidecar() {
			continue
		}
		if slices.ContainsFunc(staged[:i], func(p Process) bool { return p.IsSidecar() && p.Type == s.Type }) {
			refusals = append(refusals, refuse("Sidecar with name '%s' already exists for given app", s.Type))
			continue
		}
		if slices.ContainsFunc(user, func(d sidecar.Definition) bool { return d.Name == s.Type }) {
			refusals = append(refusals, refuse(
				"Buildpack defined sidecar '%[1]s' conflicts with an existing user-defined sidecar. Consider renaming '%[1]s'.", s.Type))
		}
	}
	return refusals
}

// processes are those that the app asks for and those that only the droplet
// has: of these, the platform starts one instance of web and none of the
// others.
func processes(staged []Process, asked []AppProcess, defaultMemory memory.Size) []AppProcess {
	all := slices.Clone(asked)
	for _, s := range staged {
		if s.IsSidecar() {
			continue
		}
		i := slices.IndexFunc(all, func(p AppProcess) bool { return p.Type == s.Type })
		if i < 0 {
			i = len(all)
			all = append(all, AppProcess{Type: s.Type, Memory: defaultMemory})
			if s.Type == WebProcess {
				all[i].Instances = 1
			}
		}
		if all[i].Command == "" {
			all[i].Command = s.Command
		}
	}
	return all
}

// Check holds what the platform refuses of an app when its manifest is applied,
// before there is a droplet.
func (a App) Check() error {
	var refusals []error
	for _, p := range a.Processes {
		_, err := allot(p, nil, a.Sidecars)
		refusals = append(refusals, err)
	}
	return errors.Join(refusals...)
}

func planProcess(p AppProcess, staged []Process, user []sidecar.Definition) (PlannedProcess, error) {
	planned, err := allot(p, staged, user)
	if err == nil && planned.Instances > 0 && planned.Command == "" {
		err = fmt.Errorf("process %q has no start command: add a line %q to the app's Procfile, or state a command in the manifest or with -c", p.Type, p.Type+": COMMAND")
	}
	return planned, err
}

// allot puts a process's sidecars beside it, and shares its memory out among
// them.
func allot(p AppProcess, staged []Process, user []sidecar.Definition) (PlannedProcess, error) {
	planned := PlannedProcess{Type: p.Type, Command: p.Command, Instances: p.Instances, Memory: p.Memory}
	for _, d := range user {
		if slices.Contains(d.ProcessTypes, p.Type) {
			planned.Sidecars = append(planned.Sidecars, PlannedSidecar{
				Name: d.Name, Command: d.Command, Origin: OriginUser, Memory: d.Memory})
		}
	}
	for _, s := range staged {
		if slices.Contains(s.SidecarFor, p.Type) {
			planned.Sidecars = append(planned.Sidecars, PlannedSidecar{
				Name: s.Type, Command: s.Command, Origin: OriginBuildpack, Memory: memory.Size(s.Memory)})
		}
	}

	budget := memory.Budget{Process: p.Memory}
	for _, s := range planned.Sidecars {
		budget.Sidecars = append(budget.Sidecars, s.Memory)
	}
	if len(planned.Sidecars) > 0 && !budget.Fits() {
		return planned, refuse(
			"The sidecar memory allocation defined is too large to run with the dependent %q process", p.Type)
	}
	planned.MemoryLimit = budget.App()
	for i := range planned.Sidecars {
		planned.Sidecars[i].MemoryLimit = budget.Sidecar(planned.Sidecars[i].Memory)
	}
	return planned, nil
}

// ParseSidecars reads the sidecars block of an app manifest into the app.
// Source is the manifest's name for messages; the error is a sidecar.Problems.
func (a *App) ParseSidecars(source string, list *yaml.Node) error {
	sidecars, err := sidecar.ParseManifest(source, list)
	a.Sidecars = sidecars
	return err
}
