package controller

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/listing"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// A Step is the part of a push in which the platform does something with an
// app's sidecars.
type Step string

const (
	// StepManifest is when the app manifest is applied, before staging.
	StepManifest Step = "manifest"
	// StepStaging is when the app is staged.
	StepStaging Step = "staging"
	// StepDroplet is when the staged droplet becomes the app's.
	StepDroplet Step = "droplet"
)

// A Refusal is one reason for which the platform turns a push down.
type Refusal struct {
	// Message is Cloud Controller's own.
	Message string `json:"message"`
	Step    Step   `json:"step"`
	// Process and Sidecar are what it is about; one of them may be empty.
	Process string `json:"process,omitempty"`
	Sidecar string `json:"sidecar,omitempty"`
	// Hidden tells that the platform keeps the message to itself: the user sees
	// a server error instead (CF-36).
	Hidden bool `json:"hidden,omitempty"`
	// Reason is empty where there is nothing to do but to state something else.
	Reason Reason `json:"reason,omitempty"`
	// Detail is what the message leaves out: where the reason is memory, who reserves how
	// much of what, and what can be done about it; where nothing starts, what would.
	Detail string `json:"detail,omitempty"`
	// reserved is what there was when it was refused, until Detail is made of it.
	reserved *Reservations
}

// A Reason is why something is refused, as far as it says what can be done.
type Reason string

const (
	// ReasonMemory is that sidecars reserve all that a process has (CF-33).
	ReasonMemory Reason = "memory"
	// ReasonNewProcess is that they reserve all of the platform's default, with
	// which a process is made before it is scaled.
	ReasonNewProcess Reason = "memory-of-new-process"
	// ReasonEndpoint is that an http check has no endpoint.
	ReasonEndpoint Reason = "no-endpoint"
	// ReasonConflict is that the user has a sidecar of the name (CF-35).
	ReasonConflict Reason = "name-conflict"
)

func (r Refusal) Error() string {
	if r.Detail == "" {
		return r.Message
	}
	return printable.WithFullStop(r.Message) + " " + r.Detail
}

// same tells whether the platform says the same.
func (r Refusal) same(other Refusal) bool {
	r.Detail, r.reserved, other.Detail, other.reserved = "", nil, "", nil
	return r == other
}

// Refusals is every Refusal of a push. As an error it prints one on a line.
type Refusals []Refusal

func (r Refusals) Error() string { return r.lines(Refusal.Error) }

// Messages are those of the platform alone, one on a line.
func (r Refusals) Messages() string {
	return r.lines(func(refusal Refusal) string { return refusal.Message })
}

func (r Refusals) lines(text func(Refusal) string) string {
	lines := make([]string, len(r))
	for i, refusal := range r {
		lines[i] = text(refusal)
	}
	return strings.Join(listing.Lines(lines), "\n")
}

// At tells of a refusal in one part of the push.
func (r Refusals) At(step Step) bool { return len(r.From(step)) > 0 }

// From are those of one part of the push.
func (r Refusals) From(step Step) Refusals {
	return slices.DeleteFunc(slices.Clone(r), func(refusal Refusal) bool { return refusal.Step != step })
}

// err is nil if there are no refusals; an empty Refusals, converted to error, would
// not be nil.
func (r Refusals) err() error {
	if len(r) == 0 {
		return nil
	}
	return r
}

// add keeps one refusal for each process that has too little memory, and one for
// each sentence: what is refused once need not be told of every sidecar.
func (r *Refusals) add(refusal Refusal) {
	for _, known := range *r {
		if known.same(refusal) || (refusal.Process != "" && known.Process == refusal.Process) {
			return
		}
	}
	*r = append(*r, refusal)
}

// The sentences of Cloud Controller. Which one is said of too little memory
// depends on what was being done when it was noticed.

func sayTaken(name string) string {
	return fmt.Sprintf("Sidecar with name '%s' already exists for given app", name) // CF-32
}

func sayConflict(name string) string {
	return fmt.Sprintf("Buildpack defined sidecar '%[1]s' conflicts with an existing user-defined sidecar. Consider renaming '%[1]s'.", name) // CF-35
}

// A sidecar is created or changed.
func sayTooLarge(process string) string {
	return fmt.Sprintf("The memory allocation defined is too large to run with the dependent %q process", process)
}

// A process is created.
func sayTooLargeForNew(process string) string {
	return fmt.Sprintf("The sidecar memory allocation defined is too large to run with the dependent %q process", process)
}

// sayNothingToStart is said of a droplet without any process (CF-10).
const sayNothingToStart = "Staging error: Start command not specified"

// stateCommand is what can be done about it.
const stateCommand = `Add a line "web: COMMAND" to the app's Procfile, or state a command in the manifest or with -c.`

// Messages of its database and its language, which no user is shown.
const sayTextMemory = "String can't be coerced into Integer"
