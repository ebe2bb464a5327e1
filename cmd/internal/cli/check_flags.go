package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/dryrun"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

const outputSARIF = "sarif"

// checkFlags are the flags of sidecar check.
type checkFlags struct {
	output, failOn, app, services string
	environment                   []string
	static, network, trust, quick bool
	timeout                       time.Duration
}

func (f *checkFlags) add(c *cobra.Command) {
	f.output, f.failOn = outputText, string(finding.Error)
	var severities []string
	for _, severity := range finding.Severities {
		severities = append(severities, string(severity))
	}
	c.Flags().Var(&choice{&f.output, []string{outputText, outputJSON, outputSARIF}}, "output", "print the findings as `FORMAT`: text, json or sarif")
	c.Flags().Var(&choice{&f.failOn, severities}, "fail-on", "fail if there is a finding of this `SEVERITY`, or worse: error, warning or note")
	c.Flags().StringVar(&f.app, "app", "", "stage the app in this `DIRECTORY` (default: one that only has the catalog's sidecars)")
	c.Flags().StringArrayVar(&f.environment, "env", nil, "`NAME=VALUE` for the environment of the app; may be repeated")
	c.Flags().StringVar(&f.services, "services", "", "JSON `FILE` with bound services, in the form of VCAP_SERVICES; the check looks for their secrets in the files that the buildpack writes")
	c.Flags().BoolVar(&f.static, "static", false, "only read the buildpack's files, and do not run its scripts")
	c.Flags().BoolVar(&f.quick, "quick", false, "only stage the buildpack as first of two, once on each stack; skip all other positions")
	c.Flags().BoolVar(&f.network, "network", false, "let the buildpack use the network")
	c.Flags().BoolVar(&f.trust, "trust", false, "run the buildpack even where this machine cannot isolate it")
	c.Flags().DurationVar(&f.timeout, "timeout", 5*time.Minute, "stop a staging after this `TIME`, such as 90s")
}

func (f *checkFlags) validate(c *cobra.Command) error {
	if f.timeout <= 0 {
		return usageError{c.CommandPath(), fmt.Errorf("--timeout: found %s; expected a positive duration, such as 90s", f.timeout)}
	}
	for _, other := range []string{"app", "env", "services", "network", "quick", "trust", "timeout"} {
		if f.static && c.Flags().Changed(other) {
			return usageError{c.CommandPath(), fmt.Errorf("--static and --%s cannot be used together: nothing is staged", other)}
		}
	}
	return nil
}

// staging returns the flags' options for stagings.
func (f *checkFlags) staging() (dryrun.Options, error) {
	options := dryrun.Options{App: f.app, Network: f.network, Trust: f.trust, Quick: f.quick, Timeout: f.timeout, Environment: map[string]string{}}
	if f.app != "" {
		if err := regularfile.CheckDirectory(f.app); err != nil {
			return options, fmt.Errorf("--app: %w", err)
		}
	}
	for _, variable := range f.environment {
		name, value, found := strings.Cut(variable, "=")
		if !found || name == "" {
			return options, fmt.Errorf("--env: found %q; expected NAME=VALUE", redact.Text(variable))
		}
		options.Environment[name] = value
	}
	if f.services != "" {
		content, err := regularfile.ReadText(f.services, maxDescription)
		if err != nil {
			return options, fmt.Errorf("--services: %w", err)
		}
		options.Services = content
	}
	return options, nil
}
