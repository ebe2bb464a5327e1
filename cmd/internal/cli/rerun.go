package cli

import (
	"fmt"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// noteManifest notes that the settings of the manifest that an app was staged with have no effect:
// there is no manifest now, or it describes another app.
func (f *appFlags) noteManifest(applications []push.Application) error {
	for i := range applications {
		app := &applications[i]
		name := printable.Name(app.Name)
		if !f.loaded {
			app.Notes = append(app.Notes, fmt.Sprintf("found no manifest here: env, services, sidecars and memory from the manifest that %s was staged with have no effect; name the manifest with -f", name))
			continue
		}
		path, err := findManifest(f.manifest)
		if err != nil {
			return err
		}
		described, err := f.load(path)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(described, func(other push.Application) bool { return other.Name == app.Name }) {
			app.Notes = append(app.Notes, fmt.Sprintf("%s describes %s: what it says of env, services, sidecars and memory is taken for %s; name another manifest with -f", path, printable.Name(described[0].Name), name))
		}
	}
	return nil
}
