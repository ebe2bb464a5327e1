package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/startenv"
)

// configServer is the sidecar that {config: KEY}, and the function config in templates, read from.
const configServer = "config-server"

// checkConfig rejects sidecars that need the app's configuration if config-server does not run with
// all of their process types. It only warns if the app has no config-server as far as is known: an
// app manifest may have one.
func (c Case) checkConfig(v *Verdict) error {
	var problems sidecar.Problems
	at := slices.IndexFunc(v.Sidecars, func(d sidecar.Definition) bool { return d.Name == configServer })
	for _, d := range v.Sidecars {
		asks := c.usesConfig(d)
		if !asks && !d.AppNeedsConfig() {
			continue
		}
		what := fmt.Sprintf("sidecar %q", d.Name)
		if d.Name == configServer && !asks {
			continue // it gives the app its own values
		}
		if d.Name == configServer {
			problems = append(problems, sidecar.Problem{At: d.At, What: what, Found: "a value of the configuration, which this sidecar serves", Want: "text, or a credential of a bound service"})
			continue
		}
		if at < 0 {
			if !slices.ContainsFunc(v.Left, func(l sidecar.Left) bool { return l.Name == configServer }) {
				v.Warnings = append(v.Warnings, fmt.Sprintf("Sidecar %s asks for the configuration, and this buildpack gives the app no sidecar %s. "+
					"Expected it in sidecars.yml, as in - name: %[2]s, or another program that answers at CONFIG_SERVER_PORT", printable.Name(d.Name), configServer))
			}
			continue
		}
		missing := slices.DeleteFunc(slices.Clone(d.ProcessTypes), func(t string) bool { return slices.Contains(v.Sidecars[at].ProcessTypes, t) })
		if len(missing) > 0 {
			problems = append(problems, sidecar.Problem{At: d.At, What: what, Found: "a value of the configuration, and " + configServer + " does not run with " + strings.Join(missing, ", "),
				Want: "process_types of " + configServer + " to include all of " + strings.Join(d.ProcessTypes, ", ")})
		}
	}
	if len(problems) > 0 {
		return problems
	}
	return nil
}

func (c Case) usesConfig(d sidecar.Definition) bool {
	env, files := startenv.RenderInput(d)
	return render.UsesConfig(render.Spec{Env: env, Files: files}, render.Sources{App: c.App, Buildpack: c.Buildpack})
}
