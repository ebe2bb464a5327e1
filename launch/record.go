package launch

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cloudfoundry-community/sidecar-buildpack/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

// Origin says who declared a sidecar (PR-34).
type Origin string

const (
	OriginUser      Origin = "user"      // the app manifest
	OriginBuildpack Origin = "buildpack" // the droplet, so a launch.yml
)

// A Record is what Cloud Controller has stored of one app, and what it does to
// it: each push applies the manifest first and assigns the droplet then. Where
// the platform would stop at a refusal, a Record goes on as though there had
// been none, so that all of them are found.
type Record struct {
	processes []AppProcess
	sidecars  []recorded
}

type recorded struct {
	Process
	origin Origin
}

// NewRecord is that of an app that has just been created.
func NewRecord() *Record {
	return &Record{processes: []AppProcess{{Type: WebProcess, Memory: DefaultMemory, Instances: 1}}}
}

// Apply applies an app manifest: processes are created and scaled, and only then
// are sidecars created or, where there is one of the name, changed, whatever its
// origin (PR-38).
func (r *Record) Apply(app App) Refusals {
	var refusals Refusals
	for _, p := range app.Processes {
		r.applyProcess(p, &refusals)
	}
	for _, d := range app.Sidecars {
		r.applySidecar(d, &refusals)
	}
	return refusals
}

func (r *Record) applyProcess(asked AppProcess, refusals *Refusals) {
	process := r.process(asked.Type)
	if process == nil {
		process = r.create(asked.Type, StepManifest, refusals)
	}
	process.Command, process.Instances = asked.Command, asked.Instances
	if asked.Memory == 0 || asked.Memory == process.Memory {
		return
	}
	process.Memory = asked.Memory
	if r.crowded(*process) {
		refusals.add(Refusal{Sentence: sayTooSmall, Step: StepManifest, Process: process.Type})
	}
}

// create makes a process as the platform does before it is scaled: with the
// default memory.
func (r *Record) create(processType string, step Step, refusals *Refusals) *AppProcess {
	process := AppProcess{Type: processType, Memory: DefaultMemory}
	if processType == WebProcess {
		process.Instances = 1
	}
	if r.crowded(process) {
		refusals.add(Refusal{Sentence: sayTooLargeForNew(processType), Step: step, Process: processType, Hidden: step == StepManifest})
	}
	r.processes = append(r.processes, process)
	return &r.processes[len(r.processes)-1]
}

func (r *Record) applySidecar(d sidecar.Definition, refusals *Refusals) {
	stated := recorded{origin: OriginUser, Process: Process{
		Type: d.Name, Command: d.Command, Memory: int(d.Memory), SidecarFor: d.ProcessTypes}}
	i := slices.IndexFunc(r.sidecars, func(s recorded) bool { return s.Type == d.Name })
	if i < 0 {
		r.sidecars = append(r.sidecars, stated)
	} else {
		stated.origin = r.sidecars[i].origin
		if stated.Memory == 0 {
			stated.Memory = r.sidecars[i].Memory
		}
		r.sidecars[i] = stated
	}
	r.refuseCrowding(stated, StepManifest, refusals)
}

// Assign makes a droplet the app's. Staged are the processes and sidecars of its
// staging result. The sidecars of origin buildpack are all made again from it
// (PR-34), and process types that the app has not had are created.
func (r *Record) Assign(staged []Process) Refusals {
	var refusals Refusals
	r.sidecars = slices.DeleteFunc(r.sidecars, func(s recorded) bool { return s.origin == OriginBuildpack })
	for _, s := range staged {
		if s.IsSidecar() {
			r.assignSidecar(s, &refusals)
		}
	}
	for _, s := range staged {
		if s.IsSidecar() {
			continue
		}
		process := r.process(s.Type)
		if process == nil {
			process = r.create(s.Type, StepDroplet, &refusals)
		}
		if process.Command == "" {
			process.Command = s.Command
		}
	}
	return refusals
}

func (r *Record) assignSidecar(s Process, refusals *Refusals) {
	refuse := func(sentence string, hidden bool) {
		refusals.add(Refusal{Sentence: sentence, Step: StepDroplet, Sidecar: s.Type, Hidden: hidden})
	}
	for _, known := range r.sidecars {
		switch {
		case known.Type != s.Type:
		case known.origin == OriginUser:
			refuse(sayConflict(s.Type), false)
			return
		default:
			refuse(sayTaken(s.Type), true)
			return
		}
	}
	for _, sentence := range s.misdefined() {
		refuse(sentence, true)
	}
	added := recorded{Process: s, origin: OriginBuildpack}
	r.sidecars = append(r.sidecars, added)
	r.refuseCrowding(added, StepDroplet, refusals)
}

// misdefined is what the platform's database refuses of a droplet's sidecar. The
// platform asks nothing more of one, so that a negative memory passes (PR-37).
func (p Process) misdefined() []string {
	var sentences []string
	if strings.TrimSpace(p.Type) == "" {
		sentences = append(sentences, "name presence")
	}
	if strings.TrimSpace(p.Command) == "" {
		sentences = append(sentences, "command presence")
	}
	if utf8.RuneCountInString(p.Type) > sidecar.MaxNameLength {
		sentences = append(sentences, "Name is too long (maximum is 255 characters)")
	}
	if utf8.RuneCountInString(p.Command) > sidecar.MaxCommandLength {
		sentences = append(sentences, "Command is too long (maximum is 4096 characters)")
	}
	if memory.Size(p.Memory) > memory.Max || memory.Size(p.Memory) < -memory.Max-1 {
		sentences = append(sentences, "integer out of range")
	}
	for i, t := range p.SidecarFor {
		if slices.Contains(p.SidecarFor[:i], t) {
			sentences = append(sentences, "Sidecar is already associated with process type "+t)
		}
		if t == "" {
			sentences = append(sentences, "type presence")
		}
		if utf8.RuneCountInString(t) > sidecar.MaxProcessTypeLength {
			sentences = append(sentences, "Process type is too long (maximum is 255 characters)")
		}
	}
	return sentences
}

// Rollback takes the app back to its present revision or to an earlier one with
// the same sidecars: all are made again, as the user's (PR-39).
func (r *Record) Rollback() {
	for i := range r.sidecars {
		r.sidecars[i].origin = OriginUser
	}
}

func (r *Record) process(processType string) *AppProcess {
	i := slices.IndexFunc(r.processes, func(p AppProcess) bool { return p.Type == processType })
	if i < 0 {
		return nil
	}
	return &r.processes[i]
}

// beside are the sidecars of a process.
func (r *Record) beside(processType string) []recorded {
	var beside []recorded
	for _, s := range r.sidecars {
		if slices.Contains(s.SidecarFor, processType) {
			beside = append(beside, s)
		}
	}
	return beside
}

func (r *Record) budget(process AppProcess) memory.Budget {
	budget := memory.Budget{Process: process.Memory}
	for _, s := range r.beside(process.Type) {
		budget.Sidecars = append(budget.Sidecars, memory.Size(s.Memory))
	}
	return budget
}

// crowded tells that the sidecars of a process leave it nothing (PR-33).
func (r *Record) crowded(process AppProcess) bool {
	return !r.budget(process).Fits()
}

// refuseCrowding looks at the processes that a sidecar runs beside.
func (r *Record) refuseCrowding(added recorded, step Step, refusals *Refusals) {
	for _, process := range r.processes {
		if slices.Contains(added.SidecarFor, process.Type) && r.crowded(process) {
			refusals.add(Refusal{Sentence: sayTooLarge(process.Type), Step: step, Process: process.Type, Hidden: step == StepDroplet})
		}
	}
}
