package cli

import (
	"errors"
	"fmt"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/manifest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

func (t *tool) validateApps(flags *appFlags, services *serviceFlags, previous string, found *findings) error {
	applications, err := flags.applications(nil)
	if err == nil {
		err = services.bind(flags.flags, t.environ, applications)
	}
	var usage usageError
	if errors.As(err, &usage) {
		return err
	}
	if err != nil {
		for _, line := range lines(err) {
			found.problem("%s", line)
		}
		return nil
	}
	for _, app := range applications {
		record, err := t.record(app, previous, flags, found)
		if err != nil {
			return err
		}
		t.validateApp(app, record, previous != "", found)
	}
	return nil
}

// record returns Cloud Controller's state of the app after its previous push.
func (t *tool) record(app push.Application, previous string, flags *appFlags, found *findings) (*controller.State, error) {
	record := controller.NewState()
	if previous == "" {
		return record, nil
	}
	name := printable.Name(app.Name)
	before, err := flags.previous(previous, app.Name)
	var unread manifest.Problem
	if errors.As(err, &unread) {
		found.note("%s: the previous push was itself refused: %s It had stored nothing.", name, printable.WithFullStop(unread.Error()))
		return record, nil
	}
	if err != nil {
		return nil, fmt.Errorf("--previous: %w", err)
	}
	if before == nil {
		found.note("%s: the previous manifest does not know it; this is taken for its first push", name)
		return record, nil
	}
	found.note("%s: the previous push is taken to have been that of %s", name, before.Path)
	refusal, err := t.store(*before, record)
	if refusal != nil {
		said := refusal.Error()
		var platform controller.Refusal
		if errors.As(refusal, &platform) {
			said = platform.Message // it is too late for advice
		}
		found.note("%s: the previous push was itself refused: %s The following starts from the state that it had stored until then.", name, printable.WithFullStop(said))
	}
	return record, err
}

// store pushes an app as the platform does. A refusal is the reason why the push stopped, which may
// be an error in the app's sidecars that staging finds.
func (t *tool) store(app push.Application, record *controller.State) (refusal, err error) {
	declared, err := t.declared(app)
	var unstaged sidecar.Problems
	switch {
	case errors.As(err, &unstaged):
		if refusal := record.StoreManifest(app.Launch); refusal != nil {
			return refusal, nil
		}
		return unstaged[0], nil
	case err != nil:
		return nil, fmt.Errorf("--previous: %w", err)
	}
	record.PartlyStaged = !declared.whole
	return record.Store(declared.staged, app.Launch), nil
}

func (t *tool) validateApp(app push.Application, record *controller.State, pushed bool, found *findings) {
	found.manifest(app)
	declared, err := t.declared(app)
	for _, warning := range declared.warnings {
		found.note("%s: %s", printable.Name(app.Name), warning)
	}
	if declared.refused != nil {
		found.problem("%s: %s", printable.Name(app.Name), declared.refused)
	}
	if err != nil {
		for _, line := range lines(err) {
			found.problem("%s", line)
		}
	}
	record.PartlyStaged = !declared.whole || err != nil
	prospects := record.SimulatePushes(declared.staged, app.Launch)
	first, second := "the first push", "the second push"
	if pushed {
		first, second = "the next push", "the push after the next"
	}
	name := printable.Name(app.Name)
	for _, refusal := range prospects.First {
		found.problem("%s: %s fails: %s", name, first, explain(refusal, pushed))
	}
	for _, lost := range prospects.Lost {
		found.problem("%s: %s loses sidecar %q without a word: it was the droplet's until now, and goes with it. Push twice, or give it another name.", name, first, lost)
	}
	if notStartable := prospects.Plan.Startable(); !record.PartlyStaged && notStartable != nil && !prospects.First.At(controller.StepStaging) {
		for _, line := range lines(notStartable) {
			found.note("%s: %s", name, line)
		}
	}
	for _, refusal := range prospects.Second {
		found.problem("%s: %s fails: %s", name, second, explain(refusal, pushed))
	}
	if refusals := prospects.AfterRollback; len(refusals) > 0 {
		found.note("%s: after a rollback, the next push fails: %s", name, explainRollback(refusals))
	}
	for _, warning := range prospects.Plan.Warnings {
		found.note("%s: %s", name, warning)
	}
	if declared.order != "" && !startsWeb(prospects.Plan) {
		found.note("%s: %s", name, declared.order)
	}
	for _, warning := range javaWarnings(prospects.Plan, app, declared.java) {
		found.note("%s: %s", name, warning)
	}
	for _, process := range prospects.Plan.Processes {
		for _, s := range process.Sidecars {
			if s.Memory == 0 && s.Origin == controller.OriginUser { // for the others, the judge warns
				found.note("%s: sidecar %q reserves no memory: what the app takes, it does not have", name, s.Name)
			}
		}
	}
}

// manifest notes what Cloud Controller accepts in a manifest, but is probably a mistake.
func (f *findings) manifest(app push.Application) {
	for _, dropped := range app.Launch.Dropped {
		f.problem("%s%s", dropped, droppedSilently)
	}
	for _, note := range app.Notes {
		f.note("%s", note)
	}
}
