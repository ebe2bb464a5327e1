package supply

import (
	"fmt"
	"path/filepath"
	"regexp"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// port matches a shell's or another language's mention of the variable PORT.
var port = regexp.MustCompile(`\bPORT\b`)

// maxEarlierScript is how large a profile script may be that is searched, in bytes.
const maxEarlierScript = 1 << 20

// warnOfEarlierPorts says which profile scripts of earlier buildpacks use the platform's
// port, since a proxy is to have it and not the app: the last buildpack copies them in
// the order of the push (CF-16), and the launcher sources them in this order (CF-15),
// before the script that sets the app's port. Where this buildpack is the last, it puts
// its own script first.
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
				continue // of a buildpack that was made from this one
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
