package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// findings are the results of a validation.
type findings struct {
	problems []string // errors
	notes    []string // valid, but probably not intended
}

func (f *findings) problem(format string, args ...any) {
	f.add(&f.problems, fmt.Sprintf(format, args...))
}

func (f *findings) note(format string, args ...any) {
	f.add(&f.notes, fmt.Sprintf(format, args...))
}

// add adds a text once, since several apps of a manifest may share a file.
func (f *findings) add(list *[]string, text string) {
	if !slices.Contains(*list, text) {
		*list = append(*list, text)
	}
}

// deleteUserDefined says how to delete a sidecar that conflicts with the buildpack's.
const deleteUserDefined = "cf curl -X DELETE /v3/sidecars/GUID, with its guid from cf curl /v3/apps/$(cf app APP_NAME --guid)/sidecars."

// explain returns a refusal in the platform's words, with what the developer can do about it. If
// the app was pushed before, the platform may have a sidecar that must be deleted.
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

// explainRollback explains once, for all sidecars, that after a rollback they belong to the user,
// so that assigning a droplet with the buildpack's sidecars fails (CF-39).
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
