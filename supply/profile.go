package supply

import (
	"embed"
	"fmt"
	"path"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/judge"
)

// profileDirectory holds the scripts that every process of the app sources
// before its command (CF-15), in this package and below the deps directory.
const profileDirectory = "profile.d"

// limitsScript is the one with the limits of language runtimes.
const limitsScript = "sidecar-runtime-limits.sh"

//go:embed profile.d
var profile embed.FS

// writeProfile leaves the scripts where the platform's own final buildpacks look
// for them (CF-16). An app without sidecars has its memory for itself and needs
// none.
func (s *Supplier) writeProfile(verdict judge.Verdict) error {
	if len(verdict.Sidecars) == 0 {
		return nil
	}
	scripts, err := profile.ReadDir(profileDirectory)
	if err != nil {
		return fmt.Errorf("failed to list the profile scripts: %w", err)
	}
	for _, script := range scripts {
		content, err := profile.ReadFile(path.Join(profileDirectory, script.Name()))
		if err != nil {
			return fmt.Errorf("failed to read the profile script %s: %w", script.Name(), err)
		}
		if err := s.Stager.WriteProfileD(script.Name(), string(content)); err != nil {
			return fmt.Errorf("failed to write the profile script %s: %w", script.Name(), err)
		}
	}
	return nil
}
