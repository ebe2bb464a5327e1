package supply

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/judge"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// Hooks are what the author of a buildpack adds to the phase. Each may be nil. An error
// refuses the app.
type Hooks struct {
	// Judged sees what has been decided, and may declare sidecars, or fields of them. The app
	// is judged again with them; its own declarations have the last say.
	Judged func(judge.Verdict) ([]sidecar.Source, error)
	// Installed is called once everything is installed that sidecars need, if there are any.
	Installed func(judge.Verdict) error
	// Launching returns the entries of launch.yml in place of those of the verdict. Of
	// these it may change the commands; and it may add processes that are not sidecars.
	Launching func(judge.Verdict) ([]launch.Process, error)
}

// judgeWithHook judges a case, and again if the hook has declared anything.
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
	verdict.Processes, err = launching(s.Stager.DepsIdx(), verdict.Processes, processes)
	return err
}

// launching checks what a hook has made of the entries of launch.yml, and returns them
// with those of the verdict first, in the verdict's order.
func launching(index string, before, after []launch.Process) ([]launch.Process, error) {
	var sidecars, others []launch.Process
	for _, old := range before {
		i := slices.IndexFunc(after, func(p launch.Process) bool { return p.Type == old.Type })
		if i < 0 {
			return nil, fmt.Errorf("the buildpack's hook has removed sidecar %q from launch.yml; expected it to declare enabled: false for it after the judge", old.Type)
		}
		if after[i].Memory != old.Memory || !slices.Equal(after[i].SidecarFor, old.SidecarFor) {
			return nil, fmt.Errorf("the buildpack's hook has changed the memory or the process types of sidecar %q in launch.yml; expected it to declare them after the judge", old.Type)
		}
		if prefix := launch.SupervisorPrefix(old.Type, index); strings.HasPrefix(old.Command, prefix) && !strings.HasPrefix(after[i].Command, prefix) {
			return nil, fmt.Errorf("the buildpack's hook has taken the supervisor out of the command of sidecar %q; expected the command to begin with %s", old.Type, prefix)
		}
		sidecars = append(sidecars, after[i])
	}
	for _, added := range after {
		if slices.ContainsFunc(before, func(p launch.Process) bool { return p.Type == added.Type }) {
			continue
		}
		if added.IsSidecar() {
			return nil, fmt.Errorf("the buildpack's hook has added sidecar %q to launch.yml; expected it to declare it after the judge", added.Type)
		}
		others = append(others, added)
	}
	return append(sidecars, others...), nil
}
