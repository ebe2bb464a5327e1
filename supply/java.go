package supply

import (
	"fmt"
	"os"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/javabuildpack"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

// warnOfJava says how much memory the Java buildpack's memory calculator takes whatever
// the app, where sidecars reserve some of it. The process has no more than the staging
// container (PR-13), and may have less. An app with a line web: in its Procfile has a
// start command of its own, which calls no calculator.
func (s *Supplier) warnOfJava(sidecars []sidecar.Definition, neighbours []neighbour) error {
	reserved := s.reservations(launch.WebProcess, sidecars, neighbours)
	java, err := s.javaFollows()
	if err != nil || !java || reserved.Budget().Reserved() <= 0 {
		return err
	}
	app, err := os.OpenRoot(s.Stager.BuildDir())
	if err != nil {
		return fmt.Errorf("failed to open the app: %w", err)
	}
	defer app.Close() // it was only read
	files := regularfile.FS(app)
	procfile, err := launch.ReadProcfile(files)
	if err != nil || slices.ContainsFunc(procfile, func(p launch.Process) bool { return p.Type == launch.WebProcess }) {
		return err
	}
	calculator := javabuildpack.Estimate(files, s.Environ)
	if warning := calculator.Warning(reserved, s.Environ); warning != "" && s.StagingMemory > 0 {
		s.Log.Warning("%s", warning)
	} else if minimum := calculator.Minimum(reserved); minimum != "" {
		s.Log.Info("%s", minimum)
	}
	return nil
}

// javaFollows tells whether the Java buildpack comes later in the push, so that it makes
// the app's start command.
func (s *Supplier) javaFollows() (bool, error) {
	followed, err := s.followed()
	return followed && slices.Contains(s.Languages, javabuildpack.Language), err
}
