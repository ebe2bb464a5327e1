package supply

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/judge"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/startenv"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// writeSupervision installs the supervisor with its input, if a sidecar needs it.
func (s *Supplier) writeSupervision(verdict judge.Verdict) error {
	sidecars := verdict.Sidecars
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
	if slices.ContainsFunc(sidecars, judge.ReadsEnvironment) {
		if err := s.installStartProgram(); err != nil {
			return err
		}
	}
	if len(specs) == 0 {
		return nil
	}
	if err := s.installSupervisor(); err != nil {
		return err
	}
	return supervision.Write(s.Stager.DepDir(), specs)
}

// installSupervisor installs the program that runs sidecars, and that does what they require when
// an app's process starts.
func (s *Supplier) installSupervisor() error {
	if err := s.Installer.Program(launch.SupervisorProgram, filepath.Join(s.Stager.DepDir(), binDirectory, launch.SupervisorProgram)); err != nil {
		return fmt.Errorf("failed to install the supervisor: %w", err)
	}
	return nil
}

// installStartProgram installs the program that reads YAML when a process starts.
func (s *Supplier) installStartProgram() error {
	if err := s.Installer.Program(startenv.Program, filepath.Join(s.Stager.DepDir(), binDirectory, startenv.Program)); err != nil {
		return fmt.Errorf("failed to install the program that reads at the start of a process: %w", err)
	}
	return nil
}

// dependents returns the names of the commands that depend on a name.
func dependents(specs []supervision.Spec, name string) []string {
	var names []string
	for _, s := range specs {
		if slices.Contains(s.DependsOn, name) {
			names = append(names, s.Name)
		}
	}
	return names
}

// spec returns the supervisor's input for a sidecar.
func spec(d sidecar.Definition) supervision.Spec {
	spec := d.Supervision
	spec.Name = d.Name
	if d.EnforceMemory {
		spec.MemoryLimit = int64(d.Memory) << 20
	}
	spec.Render = d.NeedsRendering()
	if len(spec.Env) == 0 || spec.Render {
		spec.Env, spec.EnvFrom = nil, "" // render.json contains what is rendered
	} else if spec.EnvFrom != "" {
		spec.Env = nil // it is read at the start
	}
	spec.Readiness, spec.Health = withoutRead(spec.Readiness), withoutRead(spec.Health)
	return spec
}

// withoutRead returns a check without the headers that are read at the start.
func withoutRead(c *supervision.Check) *supervision.Check {
	if c == nil || c.HeadersFrom == "" {
		return c
	}
	without := *c
	without.Headers = nil
	return &without
}
