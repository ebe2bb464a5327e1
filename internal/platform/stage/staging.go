package stage

import (
	"fmt"
	"path/filepath"

	"code.cloudfoundry.org/buildpackapplifecycle"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/droplets"
)

// A staging is one run of the builder. Its directories are those that the builder takes
// where it is told nothing, as on the platform, all of them below the directory that is
// /tmp there.
type staging struct {
	work string // the machine's directory for all of it
	tmp  string // the machine's directory that the builder sees as /tmp, where it can
	keys []string
	seen string // the path at which its programs see tmp, once it has a container
	// detect tells that none was named, so that the builder asks whether one accepts the app.
	detect bool
}

// Files are where a staging has its directories on this machine.
type Files struct {
	Tmp        string // seen as /tmp, with the app in app and the cache in cache
	Home       string // seen as /home/vcap in a sealed cell; empty in others
	Buildpacks []string
	// Seen is the path at which the programs of the staging have seen Tmp.
	Seen string
}

// stagedIn is what a staging leaves, whose temporary directory is seen at a path.
func stagedIn(tmp string) droplets.Droplet { return droplets.Droplet(filepath.Join(tmp, "output")) }

// config is the builder's for a staging whose temporary directory is seen at a path.
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
