package platform

import (
	"errors"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/droplets"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// Plan is what the platform would run of the app once the droplet is assigned to
// it. The error holds the reasons why it refuses to, and why an instance could
// only crash.
func (p *Platform) Plan(app push.Application, droplet droplets.Droplet) (controller.Plan, error) {
	plan, err := p.plan(app, droplet)
	if plan.Refusals.At(controller.StepStaging) {
		return plan, err // that nothing starts has been said
	}
	return plan, errors.Join(err, plan.Startable())
}

// CheckStaged is Plan for a droplet that need not run: a process without a start command is
// no error, since the platform takes the droplet where it has another process.
func (p *Platform) CheckStaged(app push.Application, droplet droplets.Droplet) (controller.Plan, error) {
	return p.plan(app, droplet)
}

// plan reads which buildpack declares what only where something is refused: a droplet is
// large.
func (p *Platform) plan(app push.Application, droplet droplets.Droplet) (controller.Plan, error) {
	staged, err := droplet.Staged()
	if err != nil {
		return controller.Plan{}, err
	}
	plan, err := controller.NewPlan(staged, app.Launch)
	if err == nil {
		return plan, nil
	}
	if layers, unread := droplet.Layers(); unread == nil {
		plan, err = controller.NewPlan(launch.NameDeclarers(staged, layers), app.Launch)
	}
	return plan, app.Refused(err)
}
