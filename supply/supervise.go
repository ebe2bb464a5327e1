package supply

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/startenv"
	"github.com/cloudfoundry-community/sidecar-buildpack/supervision"
)

// writeSupervision installs the supervisor and tells it what to do, where a sidecar
// asks for one.
func (s *Supplier) writeSupervision(sidecars []sidecar.Definition) error {
	var specs []supervision.Spec
	for _, d := range sidecars {
		if d.NeedsSupervisor() {
			specs = append(specs, spec(d))
		}
	}
	for i := range specs {
		if specs[i].StopAfterApp {
			specs[i].StopAfter = dependents(specs, specs[i].Name)
		}
	}
	if slices.ContainsFunc(sidecars, readsEnvironment) {
		if err := s.installStartProgram(); err != nil {
			return err
		}
	}
	if len(specs) == 0 {
		return nil
	}
	if err := s.Installer.Program(launch.SupervisorName, filepath.Join(s.Stager.DepDir(), programsDirectory, launch.SupervisorName)); err != nil {
		return fmt.Errorf("failed to install the supervisor: %w", err)
	}
	return supervision.Write(s.Stager.DepDir(), specs)
}

// installStartProgram installs the program that reads YAML at the start of a process.
func (s *Supplier) installStartProgram() error {
	if err := s.Installer.Program(startenv.Program, filepath.Join(s.Stager.DepDir(), programsDirectory, startenv.Program)); err != nil {
		return fmt.Errorf("failed to install the program that reads at the start of a process: %w", err)
	}
	return nil
}

// readsEnvironment reports whether a sidecar has variables that are read from the
// app's own environment at the start, and not written into the droplet.
func readsEnvironment(d sidecar.Definition) bool {
	return len(d.Supervision.Env) > 0 && d.Supervision.EnvFrom != "" || len(d.AppEnv) > 0 && d.AppEnvFrom != ""
}

// refuseSupervisor refuses a program of an app's that would take the place of the
// supervisor, or of the program that reads variables at the start.
func refuseSupervisor(all []installation, sidecars []sidecar.Definition) error {
	supervised := slices.ContainsFunc(sidecars, func(d sidecar.Definition) bool { return d.NeedsSupervisor() })
	reads := slices.ContainsFunc(sidecars, readsEnvironment)
	for _, one := range all {
		name := one.Program.Name()
		if supervised && name == launch.SupervisorName || reads && name == startenv.Program {
			return fmt.Errorf("%s: sidecar %q: found an executable called %q; expected another name, as a program of the buildpack's own is called so", one.At, one.Name, name)
		}
	}
	return nil
}

// dependents are those that wait for a name.
func dependents(specs []supervision.Spec, name string) []string {
	var names []string
	for _, s := range specs {
		if slices.Contains(s.DependsOn, name) {
			names = append(names, s.Name)
		}
	}
	return names
}

// spec is what the supervisor of a sidecar is told.
func spec(d sidecar.Definition) supervision.Spec {
	spec := d.Supervision
	spec.Name = d.Name
	if d.EnforceMemory {
		spec.MemoryLimit = int64(d.Memory) << 20
	}
	if len(spec.Env) == 0 {
		spec.EnvFrom = ""
	} else if spec.EnvFrom != "" {
		spec.Env = nil // it is read at the start
	}
	return spec
}
