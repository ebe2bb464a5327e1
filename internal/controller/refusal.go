package controller

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/listing"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// A Step is the part of a push in which the platform processes an app's sidecars.
type Step string

const (
	// StepManifest applies the app manifest, before staging.
	StepManifest Step = "manifest"
	// StepStaging stages the app.
	StepStaging Step = "staging"
	// StepDroplet makes the staged droplet the app's current one.
	StepDroplet Step = "droplet"
)

// A Refusal is one reason why the platform rejects a push.
type Refusal struct {
	// Message is Cloud Controller's own.
	Message string `json:"message"`
	Step    Step   `json:"step"`
	// Process and Sidecar are what it is about; one of them may be empty.
	Process string `json:"process,omitempty"`
	Sidecar string `json:"sidecar,omitempty"`
	// Hidden says that the platform does not show the message: the user sees a server error instead
	// (CF-36).
	Hidden bool `json:"hidden,omitempty"`
	// Reason is empty if the only remedy is another value.
	Reason Reason `json:"reason,omitempty"`
	// Detail is what the message omits: if the reason is memory, who reserves how much of what, and
	// what can be done about it; if nothing starts, what would start.
	Detail string `json:"detail,omitempty"`
	// reserved is the state of reservations at the refusal, until Detail is made from it.
	reserved *Reservations
}

// A Reason is why something is refused, if it suggests a remedy.
type Reason string

const (
	// ReasonMemory: sidecars reserve all of a process's memory (CF-33).
	ReasonMemory Reason = "memory"
	// ReasonNewProcess: they reserve all of the platform's default, with which a process is created
	// before it is scaled.
	ReasonNewProcess Reason = "memory-of-new-process"
	// ReasonEndpoint: an http check has no endpoint.
	ReasonEndpoint Reason = "no-endpoint"
	// ReasonConflict: the user already has a sidecar with the name (CF-35).
	ReasonConflict Reason = "name-conflict"
)

func (r Refusal) Error() string {
	if r.Detail == "" {
		return r.Message
	}
	return printable.WithFullStop(r.Message) + " " + r.Detail
}

// same reports whether the platform prints the same for both.
func (r Refusal) same(other Refusal) bool {
	r.Detail, r.reserved, other.Detail, other.reserved = "", nil, "", nil
	return r == other
}

// Refusals is every Refusal of a push. As an error it prints one on a line.
type Refusals []Refusal

func (r Refusals) Error() string { return r.lines(Refusal.Error) }

// Messages returns the platform's messages without details, one a line.
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

// At reports whether there is a refusal in a step.
func (r Refusals) At(step Step) bool { return len(r.From(step)) > 0 }

// From returns the refusals in a step.
func (r Refusals) From(step Step) Refusals {
	return slices.DeleteFunc(slices.Clone(r), func(refusal Refusal) bool { return refusal.Step != step })
}

// err returns nil if there are no refusals; an empty Refusals, converted to error, would not be
// nil.
func (r Refusals) err() error {
	if len(r) == 0 {
		return nil
	}
	return r
}

// add adds a refusal, but only one for each process with too little memory, and one for each
// message: there is no need to repeat it for every sidecar.
func (r *Refusals) add(refusal Refusal) {
	for _, known := range *r {
		if known.same(refusal) || (refusal.Process != "" && known.Process == refusal.Process) {
			return
		}
	}
	*r = append(*r, refusal)
}

// Messages of Cloud Controller. Which of them it prints about too little memory depends on what it
// was doing.

func sayTaken(name string) string {
	return fmt.Sprintf("Sidecar with name '%s' already exists for given app", name) // CF-32
}

func sayConflict(name string) string {
	return fmt.Sprintf("Buildpack defined sidecar '%[1]s' conflicts with an existing user-defined sidecar. Consider renaming '%[1]s'.", name) // CF-35
}

// sayTooLarge is the message when a sidecar is created or changed.
func sayTooLarge(process string) string {
	return fmt.Sprintf("The memory allocation defined is too large to run with the dependent %q process", process)
}

// sayTooLargeForNew is the message when a process is created.
func sayTooLargeForNew(process string) string {
	return fmt.Sprintf("The sidecar memory allocation defined is too large to run with the dependent %q process", process)
}

// sayNothingToStart is the message for a droplet without any process (CF-10).
const sayNothingToStart = "Staging error: Start command not specified"

// stateCommand says what can be done about it.
const stateCommand = `Add a line "web: COMMAND" to the app's Procfile, or state a command in the manifest or with -c.`

// Messages of its database and its language, which users do not see.
const sayTextMemory = "String can't be coerced into Integer"
