package cli

import (
	"fmt"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// orderWarning warns that the sidecar buildpack comes last, after a language buildpack: the
// platform asks the last one for the start command, and this one has none. It returns "" for any
// other order.
func orderWarning(buildpacks []string, found foundBuildpacks) string {
	if len(found.members) == 0 || !found.members[len(found.members)-1].last {
		return ""
	}
	last := len(buildpacks) - 1
	for i := last - 1; i >= 0; i-- {
		if !family.IsLanguage(language(buildpacks[i])) {
			continue
		}
		sidecars, language := redact.Address(buildpacks[last]), redact.Address(buildpacks[i])
		return fmt.Sprintf("No start command is known: the platform asks the last buildpack of a push for it, and %s, which has one, is not. "+
			"Name it last, as in -b %s -b %s.", language, sidecars, language)
	}
	return ""
}

// startsWeb reports whether the web process of a plan has a start command.
func startsWeb(plan controller.Plan) bool {
	for _, p := range plan.Processes {
		if p.Type == launch.WebProcess {
			return p.Command != ""
		}
	}
	return false
}
