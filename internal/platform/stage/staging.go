package stage

import (
	"fmt"
	"path/filepath"

	"code.cloudfoundry.org/buildpackapplifecycle"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/droplets"
)

// A staging is one run of the builder. It uses the builder's default directories, as the platform
// does, all of them below the directory that is /tmp there.
type staging struct {
	work string // the machine's directory with all of it
	tmp  string // the machine's directory that the builder sees as /tmp, if mounts are possible
	keys []string
	seen string // the path at which its programs see tmp; set once it has a container
	// detect is true if no buildpack was named, so that the builder asks each whether it accepts
	// the app.
	detect bool
}

// Files are the directories of a staging on this machine.
type Files struct {
	Tmp        string // seen as /tmp, with the app in app and the cache in cache
	Home       string // seen as /home/vcap in a sealed cell; empty in others
	Buildpacks []string
	// Seen is the path at which the staging's programs have seen Tmp.
	Seen string
}

// stagedIn returns the droplet that a staging with this temporary directory writes.
func stagedIn(tmp string) droplets.Droplet { return droplets.Droplet(filepath.Join(tmp, "output")) }

// config returns the builder's configuration for a temporary directory that is seen at this path.
func (s staging) config(tmp string) (buildpackapplifecycle.LifecycleBuilderConfig, error) {
	config := buildpackapplifecycle.NewLifecycleBuilderConfig(s.keys, !s.detect, false)
	droplet := stagedIn(tmp)
	for flag, value := range map[string]string{
		"buildDir":                  filepath.Join(tmp, "app"),
		"outputDroplet":             droplet.Archive(),
		"outputMetadata":            droplet.Result(),
		"outputBuildArtifactsCache": droplet.Cache(),
		"buildpacksDir":             filepath.Join(tmp, "buildpacks"),
		"buildpacksDownloadDir":     filepath.Join(tmp, "buildpackdownloads"),
		"buildArtifactsCacheDir":    filepath.Join(tmp, "cache"),
	} {
		if err := config.Set(flag, value); err != nil {
			return config, fmt.Errorf("failed to set the builder's %s: %w", flag, err)
		}
	}
	return config, nil
}
