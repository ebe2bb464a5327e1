package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// findings are what there is to say of what was validated.
type findings struct {
	problems []string // what will not work
	notes    []string // what works, and may not be what was meant
}

func (f *findings) problem(format string, args ...any) {
	f.add(&f.problems, fmt.Sprintf(format, args...))
}

func (f *findings) note(format string, args ...any) {
	f.add(&f.notes, fmt.Sprintf(format, args...))
}

// add says everything once: two apps of a manifest may share a file.
func (f *findings) add(list *[]string, text string) {
	if !slices.Contains(*list, text) {
		*list = append(*list, text)
	}
}

// deleteUserDefined says how to delete a sidecar that conflicts with the
// buildpack's.
const deleteUserDefined = "cf curl -X DELETE /v3/sidecars/GUID, with its guid from cf curl /v3/apps/$(cf app APP_NAME --guid)/sidecars."

// explain is a refusal in the platform's words, with what the developer can do about it: of an
// app that was pushed before, the platform may have a sidecar that is to be deleted.
func explain(refusal controller.Refusal, pushed bool) string {
	message := printable.WithFullStop(refusal.Message)
	if refusal.Hidden {
		message += " The user sees a server error instead, or an app that never starts."
	}
	switch {
	case refusal.Detail != "":
		return message + " " + refusal.Detail
	case refusal.Reason == controller.ReasonEndpoint:
		return message + " Give its path, such as /health, with the key health-check-http-endpoint or readiness-health-check-http-endpoint."
	case refusal.Reason == controller.ReasonConflict && pushed:
		return message + " To delete the user-defined one: " + deleteUserDefined
	case refusal.Reason == controller.ReasonConflict:
		return message + " Take it out of the manifest, or give one of the two another name."
	default:
		return message
	}
}

// explainRollback says once for all sidecars what a rollback leads to: that it makes all of
// them the user's is in the way of whatever assigns a droplet with the buildpack's.
func explainRollback(refusals controller.Refusals) string {
	var names []string
	for _, refusal := range refusals {
		if refusal.Sidecar != "" {
			names = append(names, printable.Name(refusal.Sidecar))
		}
	}
	if len(names) == 0 {
		return printable.WithFullStop(refusals[0].Message)
	}
	return fmt.Sprintf("%s These would have to be deleted then: %s (docs/plan.md says how)", printable.WithFullStop(refusals[0].Message), strings.Join(names, ", "))
}
