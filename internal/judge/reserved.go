package judge

import (
	"fmt"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/startenv"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// ReadsEnvironment reports whether a sidecar's variables, or its checks' headers, are read from the
// app's own environment at the start, and not written to the droplet.
func ReadsEnvironment(d sidecar.Definition) bool {
	return len(d.Files) > 0 && d.FilesFrom != "" || len(d.Supervision.Env) > 0 && d.Supervision.EnvFrom != "" || len(d.AppEnv) > 0 && d.AppEnvFrom != "" ||
		readsHeaders(d.Supervision.Readiness) || readsHeaders(d.Supervision.Health)
}

func readsHeaders(c *supervision.Check) bool { return c != nil && c.HeadersFrom != "" }

// checkReservedNames rejects a program of the app that would replace the supervisor, or a program
// that the supervisor runs at the start.
func checkReservedNames(all []Installation, sidecars []sidecar.Definition) error {
	supervised := slices.ContainsFunc(sidecars, func(d sidecar.Definition) bool { return d.NeedsSupervisor() })
	renders := slices.ContainsFunc(sidecars, sidecar.Definition.NeedsRendering)
	reads := slices.ContainsFunc(sidecars, ReadsEnvironment)
	for _, one := range all {
		name := one.Package.Name()
		if supervised && name == launch.SupervisorProgram || reads && name == startenv.Program || renders && name == render.Program {
			return fmt.Errorf("%s: sidecar %q: found an executable called %q; expected another name, as a program of the buildpack's own is called so", one.At, one.Name, name)
		}
	}
	return nil
}
