package supply

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/judge"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// Hooks are what the author of a buildpack adds to the phase. Each may be nil. An error rejects the
// app.
type Hooks struct {
	// Judged gets the decisions, and may declare sidecars or some of their fields. The app is then
	// judged again with these; the app's own declarations override them.
	Judged func(judge.Verdict) ([]sidecar.Source, error)
	// Installed is called once everything that sidecars need is installed, if the app has any.
	Installed func(judge.Verdict) error
	// Launching returns the entries of launch.yml that replace the verdict's. It may change the
	// commands of these, and add processes that are not sidecars.
	Launching func(judge.Verdict) ([]launch.Process, error)
}

// judgeWithHook judges a case, and judges it again if the hook has declared anything.
func (s *Supplier) judgeWithHook(asked judge.Case) (judge.Verdict, error) {
	verdict, err := judge.Judge(asked)
	if err != nil || s.Hooks.Judged == nil {
		return verdict, err
	}
	asked.Declared, err = s.Hooks.Judged(verdict)
	if err != nil {
		return judge.Verdict{Absent: verdict.Absent, Warnings: verdict.Warnings}, err
	}
	if len(asked.Declared) == 0 {
		return verdict, nil
	}
	return judge.Judge(asked)
}

// runHooks calls the hooks that come after the installation, if the app has sidecars.
func (s *Supplier) runHooks(verdict *judge.Verdict) error {
	if len(verdict.Sidecars) == 0 {
		return nil
	}
	if s.Hooks.Installed != nil {
		if err := s.Hooks.Installed(*verdict); err != nil {
			return err
		}
	}
	if s.Hooks.Launching == nil {
		return nil
	}
	given := *verdict
	given.Processes = slices.Clone(verdict.Processes)
	processes, err := s.Hooks.Launching(given)
	if err != nil {
		return err
	}
	verdict.Processes, err = launching(s.Stager.DepsIdx(), *verdict, processes)
	return err
}

// launching checks the entries of launch.yml that a hook returned. Its result starts with the
// verdict's entries in the verdict's order.
func launching(index string, verdict judge.Verdict, after []launch.Process) ([]launch.Process, error) {
	var sidecars, others []launch.Process
	for _, old := range verdict.Processes {
		changed, err := changedSidecar(index, old, after)
		if err != nil {
			return nil, err
		}
		sidecars = append(sidecars, changed)
	}
	taken := map[string]string{}
	for _, n := range verdict.Neighbors {
		for _, p := range n.Processes {
			taken[p.Type] = fmt.Sprintf("in the launch.yml of %s, which it replaces", n.Name)
		}
	}
	for _, p := range verdict.Procfile {
		taken[p.Type] = "a process type of the app's Procfile, which replaces it"
	}
	for _, p := range verdict.Processes {
		taken[p.Type] = "the name of a sidecar"
	}
	seen := map[string]bool{}
	for _, added := range after {
		if isSidecar := slices.ContainsFunc(sidecars, func(p launch.Process) bool { return p.Type == added.Type }); isSidecar && !seen[added.Type] {
			seen[added.Type] = true // the sidecar itself
			continue
		}
		if err := checkAdded(added, taken); err != nil {
			return nil, err
		}
		taken[added.Type] = "the type of another process that a hook has added"
		others = append(others, added)
	}
	return append(sidecars, others...), nil
}

// changedSidecar returns a sidecar's entry as the hook left it: the first one of its name.
func changedSidecar(index string, old launch.Process, after []launch.Process) (launch.Process, error) {
	i := slices.IndexFunc(after, func(p launch.Process) bool { return p.Type == old.Type })
	if i < 0 {
		return old, fmt.Errorf("the buildpack's hook Launching has removed sidecar %q from launch.yml; expected the hook Judged to leave it out: with Declare, and enabled: false", old.Type)
	}
	changed := after[i]
	if changed.Memory != old.Memory || !slices.Equal(changed.SidecarFor, old.SidecarFor) {
		return old, fmt.Errorf("the buildpack's hook Launching has changed the memory or the process types of sidecar %q in launch.yml; expected the hook Judged to set them with Declare", old.Type)
	}
	if prefix := launch.SupervisorPrefix(old.Type, index); strings.HasPrefix(old.Command, prefix) && !strings.HasPrefix(changed.Command, prefix) {
		return old, fmt.Errorf("the buildpack's hook Launching has taken the supervisor out of the command of sidecar %q; expected the command to begin with %s", old.Type, prefix)
	}
	return changed, nil
}

// checkAdded checks an entry that a hook has added. A second entry of one type would silently be
// lost or replace the first when the builder merges them (CF-07), or fail later (CF-08).
func checkAdded(added launch.Process, taken map[string]string) error {
	if added.IsSidecar() {
		return fmt.Errorf("the buildpack's hook Launching has added sidecar %q to launch.yml; expected the hook Judged to add it with Declare", added.Type)
	}
	if added.Memory != 0 {
		return fmt.Errorf("the buildpack's hook Launching has added process %q with a memory of %d MB; expected none: the app's manifest sets the memory of processes", added.Type, added.Memory)
	}
	if by := taken[added.Type]; by != "" {
		return fmt.Errorf("the buildpack's hook Launching has added process %q to launch.yml, but this is %s; expected a type that nothing else has", added.Type, by)
	}
	return nil
}
