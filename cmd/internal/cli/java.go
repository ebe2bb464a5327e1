package cli

import (
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/javabuildpack"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// javaWarnings warns of processes in which the Java buildpack's memory calculator leaves the app
// too little. The calculator's arguments come from the start command or, before there is one, from
// expected, if that is not nil.
func javaWarnings(plan controller.Plan, app push.Application, expected *javabuildpack.Calculator) []string {
	variables := environ(app)
	var warnings []string
	for _, p := range plan.Processes {
		calculator, ok := javabuildpack.FromCommand(p.Command, variables)
		if !ok && p.Command == "" && p.Type == launch.WebProcess && expected != nil {
			calculator, ok = *expected, true
		}
		if !ok || len(p.Sidecars) == 0 && p.Instances == 0 {
			continue
		}
		if warning := calculator.Warning(p.Reservations(), variables); warning != "" {
			warnings = append(warnings, warning)
		}
	}
	return warnings
}
