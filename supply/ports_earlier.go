package supply

import (
	"fmt"
	"path/filepath"
	"regexp"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// port matches the variable PORT in a shell script or another language.
var port = regexp.MustCompile(`\bPORT\b`)

// maxEarlierScript is the largest profile script that is searched, in bytes.
const maxEarlierScript = 1 << 20

// warnOfEarlierPorts lists the profile scripts of earlier buildpacks that use the platform's port,
// since a proxy gets that port and not the app. The last buildpack copies scripts in the order of
// the push (CF-16), and the launcher sources them in this order (CF-15), before the script that
// sets the app's port. If this buildpack is the last, it puts its own script first.
func (s *Supplier) warnOfEarlierPorts() error {
	followed, err := s.followed()
	if err != nil || !followed {
		return err
	}
	indices, err := s.earlierIndices()
	if err != nil {
		return err
	}
	for _, index := range indices {
		directory := filepath.Join(s.Stager.DepsDir(), index)
		name, err := buildpackName(directory, index)
		if err != nil {
			return err
		}
		scripts, err := filepath.Glob(filepath.Join(directory, profileDirectory, "*"))
		if err != nil {
			return fmt.Errorf("failed to list the profile scripts of %s: %w", name, err)
		}
		for _, script := range scripts {
			if filepath.Base(script) == launch.PortsScript {
				continue // the script of a buildpack that was made from this one
			}
			content, err := regularfile.Read(script, maxEarlierScript)
			if err == nil && port.Match(content) {
				s.Log.Warning("The profile script %s of %s uses PORT, and runs before the script that sets the app's port behind a proxy: "+
					"if it passes the port on to the app, name this buildpack before that one", printable.Name(filepath.Base(script)), name)
			}
		}
	}
	return nil
}
