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

// warn says what staging takes of an app with sidecars and is most likely not meant.
func (s *Supplier) warn(sidecars []sidecar.Definition, neighbours []neighbour) error {
	if len(sidecars) == 0 {
		return nil
	}
	root, err := os.OpenRoot(s.Stager.BuildDir())
	if err != nil {
		return fmt.Errorf("failed to open the app: %w", err)
	}
	defer root.Close() // it was only read
	app := regularfile.FS(root)
	procfile, _ := launch.ReadProcfile(app) // that it cannot be read has been said: see refuseTakenNames
	followed, err := s.followed()
	if err != nil {
		return err
	}
	commands := s.commands()
	commands.App = app
	node := followed && slices.Contains(s.Languages, NodeLanguage)
	warnings := slices.Concat(
		commands.Warnings(sidecars),
		OverriddenLimits(app),
		StopWarnings(app, sidecars, StartCommands(procfile, node)),
	)
	if slices.Contains(s.Languages, javabuildpack.Language) {
		warnings = append(warnings, JavaWarnings(app, sidecars)...)
	}
	for _, warning := range warnings {
		s.Log.Warning("%s", warning)
	}
	if followed && slices.Contains(s.Languages, javabuildpack.Language) {
		s.sayJavaMemory(app, procfile, s.reservations(launch.WebProcess, sidecars, neighbours))
	}
	return nil
}
