package controller

import (
	"fmt"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// sayTooSmall is the message when a process is scaled.
const sayTooSmall = "The requested memory allocation is not large enough to run all of your sidecar processes"

// byManifest is the Declarer of the manifest's sidecars, and of those that the manifest changes.
var byManifest = launch.Declarer{Name: "the app manifest", Manifest: true}

// A Reservation is the memory that one sidecar takes from a process.
type Reservation struct {
	Sidecar    string
	Memory     memory.Size
	DeclaredBy launch.Declarer
}

// Reservations are what the sidecars of one process reserve of its memory.
type Reservations struct {
	ProcessType string
	Process     memory.Size // the memory of the process
	All         []Reservation
}

// Budget returns the process's memory with its sidecars' shares.
func (r Reservations) Budget() memory.Budget {
	budget := memory.Budget{Process: r.Process}
	for _, one := range r.All {
		budget.Sidecars = append(budget.Sidecars, one.Memory)
	}
	return budget
}

// String returns the sum with the share of each sidecar that reserves something, grouped by
// declarer: 160M (config-server 32M, monitor 96M; agent 32M of the app manifest).
func (r Reservations) String() string {
	text := ""
	last := -1
	for i, one := range r.All {
		if one.Memory == 0 {
			continue
		}
		switch {
		case last < 0:
		case r.All[last].DeclaredBy == one.DeclaredBy:
			text += ", "
		default:
			text += of(r.All[last]) + "; "
		}
		text += fmt.Sprintf("%s %s", printable.Name(one.Sidecar), one.Memory)
		last = i
	}
	if last >= 0 {
		text += of(r.All[last])
	}
	return fmt.Sprintf("%s (%s)", r.Budget().Reserved(), text)
}

func of(one Reservation) string {
	if one.DeclaredBy.Name == "" {
		return ""
	}
	return " of " + one.DeclaredBy.Name
}

// Refusal says, on several lines, who reserves how much of a process with too little memory, and
// what the developer can do about it.
func (r Reservations) Refusal() string {
	return fmt.Sprintf("the sidecars of the process %s reserve %s, and it has no more than %s, of which the app itself needs a part.\n%s",
		printable.Name(r.ProcessType), r, r.Process, r.WaysOut())
}

// WaysOut says what the developer can do, on several lines: let the sidecars reserve less, if it is
// known how, or give the process more.
func (r Reservations) WaysOut() string {
	more := "Give the process more: memory in the app manifest"
	if r.ProcessType == launch.WebProcess {
		more += ", or cf push -m SIZE"
	}
	var less []string
	if largest := r.largest(func(d launch.Declarer) bool { return d.ReadsSidecarsFile }); largest != "" {
		less = append(less, fmt.Sprintf("memory in %s, or cf set-env APP_NAME %s SIZE", sidecar.FileName, sidecar.VariableName(largest, "memory")))
	}
	if r.largest(func(d launch.Declarer) bool { return d.Manifest }) != "" {
		less = append(less, "memory of its sidecars in the app manifest")
	}
	if less == nil {
		return more
	}
	return fmt.Sprintf("Let them reserve less: %s. Or:\n%s", strings.Join(less, ", or "), more)
}

// largest returns the sidecar that reserves most among those with such a declarer, or nothing.
func (r Reservations) largest(declared func(launch.Declarer) bool) string {
	var largest memory.Size
	name := ""
	for _, one := range r.All {
		if one.Memory > largest && declared(one.DeclaredBy) {
			largest, name = one.Memory, one.Sidecar
		}
	}
	return name
}

func reservationOf(p launch.Process) Reservation {
	return Reservation{Sidecar: p.Type, Memory: memory.Size(p.Memory), DeclaredBy: p.DeclaredBy}
}

// detail is Refusal as sentences on one line.
func (r Reservations) detail() string {
	text := strings.ReplaceAll(strings.Replace(r.Refusal(), "Or:\nGive", "Or give", 1), "\n", " ") + "."
	return strings.ToUpper(text[:1]) + text[1:]
}
