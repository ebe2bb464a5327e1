package launch

import (
	"fmt"
	"strings"
)

// A Step is the part of a push in which the platform does something with an
// app's sidecars.
type Step string

const (
	// StepManifest is when the app manifest is applied, before staging.
	StepManifest Step = "manifest"
	// StepDroplet is when the staged droplet becomes the app's.
	StepDroplet Step = "droplet"
)

// A Refusal is one reason for which the platform turns a push down.
type Refusal struct {
	// Sentence is Cloud Controller's own.
	Sentence string `json:"sentence"`
	Step     Step   `json:"step"`
	// Process and Sidecar are what it is about; one of them may be empty.
	Process string `json:"process,omitempty"`
	Sidecar string `json:"sidecar,omitempty"`
	// Hidden tells that the platform keeps the sentence to itself: the user sees
	// a server error instead (PR-36).
	Hidden bool `json:"hidden,omitempty"`
}

func (r Refusal) Error() string { return r.Sentence }

// Refusals is every Refusal of a push. As an error it prints one on a line.
type Refusals []Refusal

func (r Refusals) Error() string {
	lines := make([]string, len(r))
	for i, refusal := range r {
		lines[i] = refusal.Sentence
	}
	return strings.Join(lines, "\n")
}

// err is nil where there is none, which an empty Refusals as an error would not
// be.
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
		if known == refusal || (refusal.Process != "" && known.Process == refusal.Process) {
			return
		}
	}
	*r = append(*r, refusal)
}

// The sentences of Cloud Controller. Which one is said of too little memory
// depends on what was being done when it was noticed.

func sayTaken(name string) string {
	return fmt.Sprintf("Sidecar with name '%s' already exists for given app", name) // PR-32
}

func sayConflict(name string) string {
	return fmt.Sprintf("Buildpack defined sidecar '%[1]s' conflicts with an existing user-defined sidecar. Consider renaming '%[1]s'.", name) // PR-35
}

// A sidecar is created or changed.
func sayTooLarge(process string) string {
	return fmt.Sprintf("The memory allocation defined is too large to run with the dependent %q process", process)
}

// A process is created.
func sayTooLargeForNew(process string) string {
	return fmt.Sprintf("The sidecar memory allocation defined is too large to run with the dependent %q process", process)
}

// A process is scaled.
const sayTooSmall = "The requested memory allocation is not large enough to run all of your sidecar processes"
