package supply

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/judge"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

const (
	// limitsScript sets the limits of language runtimes.
	limitsScript = "sidecar-runtime-limits.sh"
	// appScript does what sidecars require of the app's own process.
	appScript = "sidecars.sh"
)

//go:embed profile.d
var profile embed.FS

// writeProfile writes the scripts where the platform's own final buildpacks look for them (CF-16),
// each only if it is needed. An app without sidecars has its memory to itself, and needs none.
func (s *Supplier) writeProfile(verdict judge.Verdict) error {
	if len(verdict.Sidecars) == 0 {
		return nil
	}
	followed, err := s.followed()
	if err != nil {
		return err
	}
	start := appStart(verdict.Sidecars, s.Stager.DepsIdx())
	asked := askedOf(start)
	proxied := slices.ContainsFunc(verdict.Sidecars, func(d sidecar.Definition) bool { return d.Proxy })
	for _, script := range []struct {
		name   string
		needed bool
	}{
		{limitsScript, true},
		{launch.PortsScript, proxied},
		{appScript, asked != askedNothing || followed},
	} {
		if !script.needed {
			continue
		}
		if err := s.writeProfileScript(script.name, asked); err != nil {
			return fmt.Errorf("failed to write the profile script %s: %w", script.name, err)
		}
	}
	if proxied {
		return s.warnOfEarlierPorts()
	}
	return nil
}

// What sidecars require of the app's process, as a parameter of the script sidecars.sh.
const (
	askedNothing = ""
	// askedNoted means nothing but variables, which writeAppStart records.
	askedNoted = "noted"
	// askedProgram means something that needs the supervisor's program.
	askedProgram = "yes"
)

func askedOf(start []appstart.Sidecar) string {
	if !slices.ContainsFunc(start, appstart.Sidecar.AsksApp) {
		return askedNothing
	}
	if _, known := appstart.Noted(start); known {
		return askedNoted
	}
	return askedProgram
}

// writeProfileScript fills in a script's parameters: the buildpack's index, and what the sidecars
// require of the app's process.
func (s *Supplier) writeProfileScript(name, asked string) error {
	content, err := profile.ReadFile(path.Join(profileDirectory, name))
	if err != nil {
		return err
	}
	return s.Stager.WriteProfileD(name, strings.NewReplacer("@INDEX@", s.Stager.DepsIdx(), "@ASKED@", asked).Replace(string(content)))
}
