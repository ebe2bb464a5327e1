package supply

import (
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/judge"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// writeAppStart writes what sidecars require of the app's own processes, and installs the programs
// for it: the supervisor, if any sidecar requires something, and sidecar-env, which reads YAML, if
// other buildpacks come later in the push. The sidecars of those are only known at launch.
func (s *Supplier) writeAppStart(verdict judge.Verdict) error {
	if len(verdict.Sidecars) == 0 {
		return nil
	}
	followed, err := s.followed()
	if err != nil {
		return err
	}
	if followed {
		if err := s.installStartProgram(); err != nil {
			return err
		}
	}
	asking := appStart(verdict.Sidecars, s.Stager.DepsIdx())
	if len(asking) == 0 {
		return nil
	}
	if err := s.installSupervisor(); err != nil {
		return err
	}
	if err := appstart.WriteNoted(s.Stager.DepDir(), asking); err != nil {
		return err
	}
	return appstart.Write(s.Stager.DepDir(), asking)
}

// appStart returns the requirements of those sidecars that have any.
func appStart(sidecars []sidecar.Definition, index string) []appstart.Sidecar {
	var asking []appstart.Sidecar
	for _, d := range sidecars {
		asked := appstart.Sidecar{
			Name: d.Name, ProcessTypes: d.ProcessTypes, OTelIdentity: d.Supervision.OTelIdentity, HoldApp: d.HoldApp, StopAfterApp: d.Supervision.StopAfterApp,
			SignalsApp: d.Supervision.OnChange != nil && d.Supervision.OnChange.Signal != "",
		}
		switch {
		case len(d.AppEnv) == 0:
		case d.AppEnvFrom != "": // its values must not be in a droplet
			asked.AppEnvFrom = d.AppEnvFrom
		default:
			asked.AppEnv = d.AppEnv
		}
		if d.Proxy {
			asked.ProxyCommand = launch.SupervisorPrefix(d.Name, index) + " "
		}
		if asked.AsksApp() || d.Proxy {
			asking = append(asking, asked)
		}
	}
	return asking
}
