package stage

import (
	"fmt"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/standin"
)

// placeStandIn puts a stand-in in place of one of the platform's buildpacks.
func (p *Stager) placeStandIn(app push.Application, name, destination string) error {
	if app.Strict || p.Builtin.StandIn == "" {
		return fmt.Errorf("it is not on this machine, and --strict takes no other in its place; name it with --buildpack-for %s=DIRECTORY, a zip or a git URL", redact.Address(name))
	}
	return standin.Place(destination, p.Builtin.StandIn, standin.Settings{Buildpack: name, Accept: app.Detected == name, Command: app.HasCommand()})
}
