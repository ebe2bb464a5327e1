package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/status"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// A namedPlan is an app's plan. Its JSON is stable (docs/plan.md).
type namedPlan struct {
	Name string `json:"name"`
	controller.Plan
}

func (t *tool) plan() *cobra.Command {
	var app appFlags
	var services serviceFlags
	var droplet, output string
	var running bool
	c := &cobra.Command{
		Use:   "plan [APP_NAME]",
		Short: "Show every process with its sidecars and their memory, or say what the platform would refuse",
		Long: "Shows what the platform would run for an app: every process with its sidecars and their shares of its memory, and what\n" +
			"the platform would refuse. It stages nothing: it reads the app's files and its manifest or, with --droplet, a staged\n" +
			"droplet. With --running, it shows the apps that sidecar push and sidecar run are running.",
		Args: atMostOneName,
		RunE: func(plan *cobra.Command, args []string) error {
			if err := exclusive(plan, "running", "droplet", "one shows running apps, the other a droplet that does not run"); err != nil {
				return err
			}
			plans, err := t.plans(&app, &services, args, droplet, running)
			if err != nil {
				return err
			}
			if err := writePlans(t.stdout, plans, output); err != nil {
				return err
			}
			return refused(plans)
		},
	}
	app.add(c, forStaging|forRunning)
	services.add(c)
	c.Flags().StringVarP(&droplet, "droplet", "d", "", "plan the droplet in this `DIRECTORY`, where sidecar stage has written it")
	c.Flags().BoolVar(&running, "running", false, "show the running apps")
	addOutput(c, &output, "output `FORM`: "+outputText+" or "+outputJSON)
	return c
}

func (t *tool) plans(app *appFlags, services *serviceFlags, args []string, droplet string, running bool) ([]namedPlan, error) {
	if running {
		if changed := app.changedFlags(); len(changed) > 0 {
			return nil, usageError{app.flags.CommandPath(), fmt.Errorf("%s says what to plan, and --running shows what runs already", changed[0])}
		}
		return t.runningPlans(args, app.flags.ErrOrStderr())
	}
	if err := app.refuseStaging(); err != nil {
		return nil, err
	}
	applications, err := app.applications(args)
	if err == nil {
		err = services.bind(app.flags, t.environ, applications)
	}
	if err != nil {
		return nil, err
	}
	find := dropletNamed(droplet, applications)
	var plans []namedPlan
	for _, one := range applications {
		declared := declaration{whole: true}
		if app.flags.Flags().Changed("droplet") {
			declared, err = declaredInDroplet(find(one))
		} else {
			declared, err = t.declared(one)
		}
		if err == nil && declared.refused != nil {
			err = fmt.Errorf("%s: %w", printable.Name(one.Name), declared.refused)
		}
		if err != nil {
			return nil, err
		}
		record := controller.NewState()
		record.PartlyStaged = !declared.whole
		plan, _ := record.Push(declared.staged, one.Launch) // the plan has the refusals
		if err := plan.Startable(); declared.whole && err != nil && len(plan.Refusals) == 0 {
			plan.Warnings = append(plan.Warnings, lines(err)...)
		}
		if declared.order != "" && !startsWeb(plan) {
			plan.Warnings = append(plan.Warnings, declared.order)
		}
		plan.Warnings = append(plan.Warnings, javaWarnings(plan, one, declared.java)...)
		plan.Warnings = append(plan.Warnings, declared.warnings...)
		plan.Warnings = append(plan.Warnings, notes(one)...)
		plans = append(plans, namedPlan{one.Name, plan})
	}
	return plans, nil
}

// runningPlans returns the plans of all running apps, or of the app that the command line names.
func (t *tool) runningPlans(args []string, warnings io.Writer) ([]namedPlan, error) {
	running, unread := status.RunningApps(t.environ, "")
	if unread != nil {
		fmt.Fprintln(warnings, "Warning:", printable.Text(unread.Error()))
	}
	var plans []namedPlan
	for _, app := range running {
		if len(args) == 0 || slices.Contains(args, app.Name) {
			plans = append(plans, namedPlan{Name: app.Name, Plan: app.Plan})
		}
	}
	switch {
	case len(plans) > 0:
		return plans, nil
	case len(args) > 0:
		return nil, notRunning(args[0], running)
	default:
		return nil, errors.New("there is no app running; start one with sidecar push")
	}
}

// writePlans writes the plans as text or JSON.
func writePlans(w io.Writer, plans []namedPlan, output string) error {
	if output == outputJSON {
		shown := slices.Clone(plans)
		for i := range shown {
			shown[i].Plan = shown[i].Redacted()
		}
		return writeJSON(w, map[string][]namedPlan{"apps": shown})
	}
	for i, plan := range plans {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if _, err := fmt.Fprintf(w, "%s\n\n", printable.Name(plan.Name)); err != nil {
			return err
		}
		if err := plan.Draw(w); err != nil {
			return err
		}
	}
	return nil
}

// refused returns an error if the platform refuses one of the plans.
func refused(plans []namedPlan) error {
	var problems []error
	for _, plan := range plans {
		if len(plan.Refusals) > 0 {
			problems = append(problems, fmt.Errorf("the platform refuses to run %s: %s", printable.Name(plan.Name), plan.Refusals.Messages()))
		}
	}
	return errors.Join(problems...)
}
