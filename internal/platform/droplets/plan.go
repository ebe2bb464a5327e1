package droplets

import (
	"errors"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// Plan returns what the platform would run for the app after the droplet is assigned. The error has
// the reasons why it would refuse to, or why an instance could only crash.
func (d Droplet) Plan(app push.Application) (controller.Plan, error) {
	plan, err := d.plan(app)
	if plan.Refusals.At(controller.StepStaging) {
		return plan, err // err already says that nothing starts
	}
	return plan, errors.Join(err, plan.Startable())
}

// CheckStaged is Plan for a droplet that need not run: a process without a start command is not an
// error, since the platform accepts the droplet if it has another process.
func (d Droplet) CheckStaged(app push.Application) (controller.Plan, error) {
	return d.plan(app)
}

// plan finds out which buildpack declares which sidecar only if something is refused, since a
// droplet is large.
func (d Droplet) plan(app push.Application) (controller.Plan, error) {
	staged, err := d.Staged()
	if err != nil {
		return controller.Plan{}, err
	}
	plan, err := controller.NewPlan(staged, app.Launch)
	if err == nil {
		return plan, nil
	}
	if layers, unread := d.Layers(); unread == nil {
		plan, err = controller.NewPlan(launch.NameDeclarers(staged, layers), app.Launch)
	}
	return plan, app.Refused(err)
}
