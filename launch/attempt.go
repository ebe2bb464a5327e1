package launch

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cloudfoundry-community/sidecar-buildpack/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

// An attempt is a push on its way through Cloud Controller, which applies the
// manifest, has the app staged and assigns the droplet, each part in several
// transactions.
type attempt struct {
	*Record
	// strict stops at the first refusal, as the platform does, and leaves what
	// was stored until then. Otherwise the attempt goes on as though nothing had
	// been refused, so that every refusal is found.
	strict   bool
	refusals Refusals
}

// refuse adds a refusal, and is true where the attempt stops.
func (a *attempt) refuse(refusal Refusal) bool {
	a.refusals.add(refusal)
	return a.strict
}

// push is false where it was stopped.
func (a *attempt) push(staged []Process, app App) bool {
	return a.apply(app) && a.stage(staged) && a.assign(staged)
}

// apply applies an app manifest: all processes are created and changed, then
// all are scaled, and only then are sidecars created or, where there is one of
// the name, changed, whatever its origin (PR-38).
func (a *attempt) apply(app App) bool {
	for _, p := range app.Processes {
		if !a.update(p) {
			return false
		}
	}
	for _, p := range app.Processes {
		if !a.scale(p) {
			return false
		}
	}
	for _, s := range app.Sidecars {
		if !a.applySidecar(s) {
			return false
		}
	}
	return true
}

// update creates a process that is new, and changes its command and its checks.
func (a *attempt) update(asked AppProcess) bool {
	if strings.Contains(asked.Type, "\x00") && a.refuse(Refusal{Sentence: sayNull, Step: StepManifest, Process: asked.Type, Hidden: true}) {
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
		refusal.Sentence = strings.Join(changed.checkProblems(), ", ")
		if changed.check.lacksEndpoint() || changed.readiness.lacksEndpoint() {
			refusal.Reason = ReasonEndpoint
		}
	case changed.unstorable():
		refusal.Sentence, refusal.Hidden = sayOutOfRange, true
	case strings.Contains(changed.command, "\x00"):
		refusal.Sentence, refusal.Hidden = sayNull, true
	}
	if refusal.Sentence != "" && a.refuse(refusal) {
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
		refusal.Sentence, refusal.Reason = sayTooSmall, ReasonMemory
	case changed.memory > memory.Max:
		refusal.Sentence, refusal.Hidden = sayOutOfRange, true
	}
	if refusal.Sentence != "" && a.refuse(refusal) {
		return false
	}
	*process = changed
	return true
}

// create makes a process as the platform does before it is scaled: with the
// default memory.
func (a *attempt) create(processType string, step Step) bool {
	process := newProcess(processType)
	if a.overcommitted(process) && a.refuse(Refusal{
		Sentence: sayTooLargeForNew(processType), Step: step, Process: processType, Hidden: step == StepManifest, Reason: ReasonNewProcess,
	}) {
		return false
	}
	a.processes = append(a.processes, process)
	return true
}

func (a *attempt) applySidecar(asked AppSidecar) bool {
	stated := recordedSidecar{origin: OriginUser, Process: Process{Type: asked.Name, Command: asked.Command, Memory: int(asked.Memory), SidecarFor: []string{}}}
	for _, t := range asked.ProcessTypes {
		stated.SidecarFor = append(stated.SidecarFor, t.Text)
	}
	i := slices.IndexFunc(a.sidecars, func(s recordedSidecar) bool { return s.Type == asked.Name })
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

// manifestProblems are why the platform refuses a sidecar of the manifest, in the
// order in which it finds them. The memory is not looked at where none is stated
// of a sidecar that is new.
func (a *attempt) manifestProblems(asked AppSidecar, stated Process, known bool) Refusals {
	var problems Refusals
	say := func(sentence string, hidden bool) {
		problems = append(problems, Refusal{Sentence: sentence, Step: StepManifest, Sidecar: asked.Name, Hidden: hidden})
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
		if asked.MemoryIsText && slices.ContainsFunc(a.processes, func(p recordedProcess) bool { return slices.Contains(stated.SidecarFor, p.processType) }) {
			say(sayTextMemory, true)
		}
		for _, t := range a.tooSmallFor(stated, known) {
			problems = append(problems, Refusal{Sentence: sayTooLarge(t), Step: StepManifest, Process: t, Reason: ReasonMemory})
		}
	}
	for _, problem := range stated.violations(asked.ProcessTypes) {
		say(problem.sentence, problem.hidden)
	}
	return problems
}

// stage refuses a droplet with nothing to start. Where it has a process at all, or
// the web process has a command, the platform starts the app (PR-10).
func (a *attempt) stage(staged []Process) bool {
	some := a.PartlyStaged || slices.ContainsFunc(staged, func(s Process) bool { return !s.IsSidecar() })
	if some || !blank(a.process(WebProcess).command) {
		return true
	}
	return !a.refuse(Refusal{Sentence: sayNothingToStart, Step: StepStaging})
}

// assign makes a droplet the app's, in one transaction. Staged are the processes
// and sidecars of its staging result. The sidecars of origin buildpack are all
// made again from it (PR-34), and process types that the app has not had are
// created.
func (a *attempt) assign(staged []Process) bool {
	before := a.clone()
	a.droplet = map[string]string{}
	for _, s := range staged {
		if !s.IsSidecar() {
			a.droplet[s.Type] = s.Command
		}
	}
	a.sidecars = slices.DeleteFunc(a.sidecars, func(s recordedSidecar) bool { return s.origin == OriginBuildpack })
	for _, s := range staged {
		if s.IsSidecar() && !a.assignSidecar(s) {
			*a.Record = *before
			return false
		}
	}
	for _, s := range staged {
		if !s.IsSidecar() && !a.assignProcess(s.Type) {
			*a.Record = *before
			return false
		}
	}
	return true
}

// assignProcess creates a process that only the droplet has.
func (a *attempt) assignProcess(processType string) bool {
	if strings.Contains(processType, "\x00") && a.refuse(Refusal{Sentence: sayNull, Step: StepDroplet, Process: processType, Hidden: true}) {
		return false
	}
	return a.process(processType) != nil || a.create(processType, StepDroplet)
}

// assignSidecar makes one of the droplet's sidecars. One whose name is taken is not
// made, whatever is refused.
func (a *attempt) assignSidecar(s Process) bool {
	say := func(sentence string) bool {
		return a.refuse(Refusal{Sentence: sentence, Step: StepDroplet, Sidecar: s.Type, Hidden: true})
	}
	i := slices.IndexFunc(a.sidecars, func(known recordedSidecar) bool { return known.Type == s.Type })
	if i >= 0 && a.sidecars[i].origin == OriginUser {
		return !a.refuse(Refusal{Sentence: sayConflict(s.Type), Step: StepDroplet, Sidecar: s.Type, Reason: ReasonConflict})
	}
	types := TypeNames(s.SidecarFor...)
	if (strings.Contains(s.Type, "\x00") || findsNull(types)) && say(sayNull) {
		return false
	}
	for _, t := range a.tooSmallFor(s, false) {
		if a.refuse(Refusal{Sentence: sayTooLarge(t), Step: StepDroplet, Process: t, Hidden: true, Reason: ReasonMemory}) {
			return false
		}
	}
	for _, problem := range s.violations(types) {
		if say(problem.sentence) {
			return false
		}
	}
	if i >= 0 {
		return !say(sayTaken(s.Type))
	}
	a.sidecars = append(a.sidecars, recordedSidecar{Process: s, origin: OriginBuildpack})
	return true
}

// A violation is what the platform's database refuses.
type violation struct {
	sentence string
	hidden   bool
}

// violations are what the database refuses of a sidecar, in the order in which it
// finds them. It asks nothing more of a droplet's, so that a negative memory
// passes (PR-37).
func (p Process) violations(types []TypeName) []violation {
	var all []violation
	var invalid []string
	if blank(p.Type) {
		invalid = append(invalid, "name presence")
	}
	if blank(p.Command) {
		invalid = append(invalid, "command presence")
	}
	if utf8.RuneCountInString(p.Type) > sidecar.MaxNameLength {
		invalid = append(invalid, "Name is too long (maximum is 255 characters)")
	}
	if utf8.RuneCountInString(p.Command) > sidecar.MaxCommandLength {
		invalid = append(invalid, "Command is too long (maximum is 4096 characters)")
	}
	if invalid != nil {
		all = append(all, violation{sentence: strings.Join(invalid, ", ")})
	}
	if strings.Contains(p.Type+p.Command, "\x00") {
		all = append(all, violation{sayNull, true})
	}
	if memory.Size(p.Memory) > memory.Max || memory.Size(p.Memory) < -memory.Max-1 {
		all = append(all, violation{sayOutOfRange, true})
	}
	for i, t := range types {
		all = append(all, t.violations(types[:i])...)
	}
	return all
}

func (t TypeName) violations(before []TypeName) []violation {
	switch {
	case t.Null:
		return []violation{{sentence: "type presence, type is not present"}}
	case blank(t.Text):
		return []violation{{sentence: "type presence"}}
	case utf8.RuneCountInString(t.Text) > sidecar.MaxProcessTypeLength:
		return []violation{{sentence: "Process type is too long (maximum is 255 characters)"}}
	case strings.Contains(t.Text, "\x00"):
		return []violation{{sayNull, true}}
	case slices.Contains(before, t):
		return []violation{{sentence: "sidecar_guid and type Sidecar is already associated with process type " + t.Text}}
	default:
		return nil
	}
}

// blank is what the platform's models take for no text.
func blank(text string) bool {
	return strings.TrimFunc(text, unicode.IsSpace) == ""
}

// findsNull tells of a NUL byte in what the database is asked for.
func findsNull(types []TypeName) bool {
	return slices.ContainsFunc(types, func(t TypeName) bool { return strings.Contains(t.Text, "\x00") })
}
