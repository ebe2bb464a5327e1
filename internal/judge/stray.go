package judge

import (
	"fmt"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// strayTemplates warns about templates where nothing renders them: only files are templates.
func strayTemplates(sidecars []sidecar.Definition) (warnings []string) {
	for _, d := range sidecars {
		warn := func(what, text, expected string) {
			if render.IsTemplate(text) {
				warnings = append(warnings, fmt.Sprintf("Sidecar %s: %s has a template, which nothing renders there. Expected it in files, or %s", printable.Name(d.Name), what, expected))
			}
		}
		warn("command", d.Command, "a variable of env")
		for _, v := range d.Supervision.Env {
			warn("env "+printable.Line(v.Name), v.Value, "a value such as {binding: api_key}, {config: db.url} or $PORT")
		}
		for _, v := range d.AppEnv {
			warn("app-env "+printable.Line(v.Name), v.Value, "a value such as {config: db.url} or $PORT")
		}
	}
	return warnings
}
