package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/teamservices"
)

// serviceFlags are the flags for bound services.
type serviceFlags struct {
	file string
}

func (f *serviceFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.file, "services", "", "bind the services in this `FILE`, JSON in the form of VCAP_SERVICES, to every app of the push (default: those of the manifest, as "+teamservices.FileName+" defines them)")
}

// bind checks the bound services and gives them to the apps: those of --services, or of
// VCAP_SERVICES in this environment, or else those of the manifest as .sidecar-services.yml defines
// them. It is an error if the services are too long for an app's environment (CF-41).
func (f *serviceFlags) bind(c *cobra.Command, environ []string, applications []push.Application) error {
	if err := f.bindServices(c, environ, applications); err != nil {
		return err
	}
	var problems []error
	for _, app := range applications {
		problems = append(problems, app.CheckVariables())
	}
	return errors.Join(problems...)
}

func (f *serviceFlags) bindServices(c *cobra.Command, environ []string, applications []push.Application) error {
	if c.Flags().Changed("services") {
		content, err := regularfile.ReadText(f.file, maxDescription)
		if err != nil {
			return fmt.Errorf("failed to read the services of --services: %w", err)
		}
		if err := leaveOut(applications, f.file, "credentials"); err != nil {
			return err
		}
		return bindAll(applications, f.file, content)
	}
	if services := env.Get(environ, bindings.ServicesVariable); services != "" {
		return bindAll(applications, bindings.ServicesVariable, []byte(services))
	}
	for i := range applications {
		if err := bindTeams(&applications[i]); err != nil {
			return err
		}
	}
	return nil
}

// bindAll binds each app to the same services, and notes services of a manifest that are not among
// them.
func bindAll(applications []push.Application, source string, content []byte) error {
	if err := bindings.Check(content); err != nil {
		return fmt.Errorf("failed to read the bound services: %s:%w", source, err)
	}
	bound, err := bindings.Parse(content)
	if err != nil {
		return fmt.Errorf("failed to read the bound services: %s: %w", source, err)
	}
	for i := range applications {
		app := &applications[i]
		app.BoundServices = compact(content)
		for _, s := range app.Bound {
			if !slices.ContainsFunc(bound, func(b bindings.Binding) bool { return b.InstanceName == s.Name || b.Name == s.Name }) {
				app.Notes = append(app.Notes, fmt.Sprintf("the service %q of the manifest is not bound here: %s does not have it", s.Name, source))
			}
		}
	}
	return nil
}

// compact removes white space between the values of JSON, as Cloud Controller does.
func compact(content []byte) string {
	var short bytes.Buffer
	if err := json.Compact(&short, content); err != nil {
		return string(content)
	}
	return short.String()
}

// bindTeams binds an app to the services of its manifest, as .sidecar-services.yml defines them.
func bindTeams(app *push.Application) error {
	team, err := teamservices.Find(app.Path)
	if err != nil {
		return err
	}
	if team.Path != "" {
		uploaded, err := push.Uploads(app.Path, team.Path)
		if err != nil {
			return err
		}
		if uploaded != "" {
			app.Notes = append(app.Notes, fmt.Sprintf("%s has credentials, and cf push uploads it with the app: add the line %s to .cfignore", team.Path, teamservices.FileName))
		}
	}
	if app.Bound == nil {
		return nil
	}
	var requests []teamservices.Request
	for _, s := range app.Bound {
		requests = append(requests, teamservices.Request{Name: s.Name, BindingName: s.BindingName})
	}
	services, missing, err := team.Bind(requests)
	if err != nil {
		return err
	}
	app.BoundServices = services
	for _, name := range missing {
		app.Notes = append(app.Notes, unboundNote(name, team))
	}
	return bindings.Check([]byte(services))
}

// unboundNote says how to define a service of the manifest that is not defined here.
func unboundNote(name string, team teamservices.Services) string {
	if team.Path == "" {
		return fmt.Sprintf("the service %q of the manifest is not bound here: there is no %s with its credentials, and no --services FILE", name, teamservices.FileName)
	}
	names := team.Names()
	has := "it has no services"
	if len(names) > 0 {
		has = "it has " + strings.Join(names, ", ")
	}
	return fmt.Sprintf("the service %q of the manifest is not bound here: %s does not have it%s", name, team.Path, suggest.Before(suggest.Name(name, names), has))
}

// services returns an app's bound services, if they are known.
func (t *tool) services(app push.Application) sidecar.Services {
	text := cmp.Or(app.BoundServices, env.Get(t.environ, bindings.ServicesVariable))
	if text == "" {
		return sidecar.Services{}
	}
	bound, err := bindings.Parse([]byte(text))
	return sidecar.Services{Known: err == nil, Bound: bound}
}
