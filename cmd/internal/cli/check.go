package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/dryrun"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	checkreport "github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/report"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// reports are the forms of the output of check.
var reports = []string{"text", "json", "sarif"}

// checkFlags are those of check.
type checkFlags struct {
	output, failOn, app, services string
	environment                   []string
	static, network, trust        bool
	timeout                       time.Duration
}

func (t *tool) check() *cobra.Command {
	var flags checkFlags
	c := &cobra.Command{
		Use:   "check DIRECTORY|ZIP|URL",
		Short: "Check a sidecar buildpack, of whatever maker, against the platform's rules",
		Long: "Checks a buildpack in a directory or a zip, or at the address of a zip or a git repository: its files, what\n" +
			"buildpack-packager reads of them, and what it does when it stages an app: as only, first, middle and last buildpack\n" +
			"of ten, on both stacks, and next to a buildpack of the same kind. Each finding cites the rule, and says what would\n" +
			"be right.\n\n" +
			"The buildpack's scripts run in containers of their own, as no root user, without network, and can write to nothing but\n" +
			"temporary directories. Where this machine does not allow that, they do not run, unless you pass --trust.\n\n" +
			"The exit code is 1 if there is a finding as severe as --fail-on says.",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{c.CommandPath(), fmt.Errorf("found %d arguments; expected one, the buildpack: a directory, a zip, or the URL of a zip or a git repository", len(args))}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := flags.validate(c); err != nil {
				return err
			}
			return t.checkBuildpack(c, args[0], flags)
		},
	}
	flags.add(c)
	t.addLifecycle(c)
	return c
}

func (f *checkFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.output, "output", reports[0], "print the findings as `FORMAT`: "+strings.Join(reports, ", "))
	c.Flags().StringVar(&f.failOn, "fail-on", string(finding.Error), "fail if there is a finding of this `SEVERITY`, or worse: error, warning, note")
	c.Flags().StringVar(&f.app, "app", "", "stage the app in this `DIRECTORY` (default: one that asks for nothing but the catalog's sidecars)")
	c.Flags().StringArrayVar(&f.environment, "env", nil, "`NAME=VALUE` for the environment of the app; may be repeated")
	c.Flags().StringVar(&f.services, "services", "", "JSON `FILE` with bound services, in the form of VCAP_SERVICES; their secrets are looked for in what the buildpack writes")
	c.Flags().BoolVar(&f.static, "static", false, "only read the buildpack's files: run nothing of it")
	c.Flags().BoolVar(&f.network, "network", false, "let the buildpack use the network")
	c.Flags().BoolVar(&f.trust, "trust", false, "run the buildpack even where this machine cannot isolate it")
	c.Flags().DurationVar(&f.timeout, "timeout", 5*time.Minute, "stop a staging after this `TIME`, such as 90s")
}

func (f *checkFlags) validate(c *cobra.Command) error {
	var severities []string
	for _, severity := range finding.Severities {
		severities = append(severities, string(severity))
	}
	for _, choice := range []struct {
		flag, value string
		values      []string
	}{{"output", f.output, reports}, {"fail-on", f.failOn, severities}} {
		if !slices.Contains(choice.values, choice.value) {
			return usageError{c.CommandPath(), fmt.Errorf("--%s: found %q%s", choice.flag, redact.Text(choice.value),
				suggest.Before(suggest.Name(choice.value, choice.values), "expected "+strings.Join(choice.values, ", ")))}
		}
	}
	if f.timeout <= 0 {
		return usageError{c.CommandPath(), fmt.Errorf("--timeout: found %s; expected more than nothing, such as 90s", f.timeout)}
	}
	for _, other := range []string{"app", "env", "services", "network", "trust", "timeout"} {
		if f.static && c.Flags().Changed(other) {
			return usageError{c.CommandPath(), fmt.Errorf("--static and --%s cannot be used together: nothing is staged", other)}
		}
	}
	return nil
}

// staging is what the flags say of dry stagings.
func (f *checkFlags) staging() (dryrun.Options, error) {
	options := dryrun.Options{App: f.app, Network: f.network, Trust: f.trust, Timeout: f.timeout, Environment: map[string]string{}}
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

// checkBuildpack checks a buildpack in a cell that has nothing of this program's environment
// but PATH, and prints what was found.
func (t *tool) checkBuildpack(c *cobra.Command, buildpack string, flags checkFlags) error {
	staging, err := flags.staging()
	if err != nil {
		return err
	}
	bare := *t
	bare.environ = pathOf(t.environ)
	return bare.withPlatform(func(ctx context.Context, p *platform.Platform, _ *show.Log) error {
		staging.Stager = &p.Stager
		staging.Progress = func(name string) { fmt.Fprintln(c.ErrOrStderr(), "Staging it as", name+" ...") }
		if flags.output != reports[0] {
			staging.Progress = nil
		}
		found, err := check.Run(ctx, check.Options{Buildpack: buildpack, Static: flags.static, Staging: staging})
		if err != nil {
			return err
		}
		if err := t.writeReport(t.stdout, flags.output, found); err != nil {
			return err
		}
		if found.Worst(finding.Severity(flags.failOn)) {
			return errors.New("the buildpack breaks rules of the platform")
		}
		return nil
	})
}

func (t *tool) writeReport(to io.Writer, form string, found checkreport.Report) error {
	switch form {
	case "json":
		return checkreport.JSON(to, found)
	case "sarif":
		return checkreport.SARIF(to, found, t.carried.Version)
	default:
		return checkreport.Text(to, found)
	}
}

// pathOf is what of an environment containers need to find programs.
func pathOf(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(variable string) bool {
		return !strings.HasPrefix(variable, "PATH=") && !strings.HasPrefix(variable, "TMPDIR=")
	})
}
