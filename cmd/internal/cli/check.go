package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	checkreport "github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/report"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
)

func (t *tool) check() *cobra.Command {
	var flags checkFlags
	c := &cobra.Command{
		Use:   "check DIRECTORY|ZIP|URL",
		Short: "Check any sidecar buildpack against the platform's rules",
		Long: "Checks a buildpack in a directory or a zip, or at the URL of a zip or a git repository: its files, its manifest.yml as\n" +
			"buildpack-packager reads it, and its behavior when it stages an app: as the only buildpack, as first, middle and last\n" +
			"of ten, on both stacks, and next to a buildpack of the same kind. Each finding cites a rule, and says what would be\n" +
			"right.\n\n" +
			"The buildpack's scripts run in isolated containers: not as root, without network, and they can only write to temporary\n" +
			"directories. If this machine does not allow such containers, they do not run, unless you pass --trust.\n\n" +
			"The exit code is 1 if there is a finding of the severity of --fail-on or worse, 130 after Ctrl-C, and 143 after SIGTERM.",
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

// checkBuildpack checks a buildpack in a cell that gets only PATH of this program's environment,
// and prints the findings.
func (t *tool) checkBuildpack(c *cobra.Command, buildpack string, flags checkFlags) error {
	staging, err := flags.staging()
	if err != nil {
		return err
	}
	bare := *t
	bare.environ = pathOf(t.environ)
	return bare.withPlatform(func(ctx context.Context, p *platform.Platform, _ *show.Log) error {
		staging.Stager = &p.Stager
		staging.Progress = func(name string) { fmt.Fprintf(c.ErrOrStderr(), "Staging: %s ...\n", name) }
		if flags.output != outputText {
			staging.Progress = nil
		}
		found, err := check.Run(ctx, check.Options{Buildpack: buildpack, Static: flags.static, Staging: staging})
		if stop := (stopError{}); errors.As(context.Cause(ctx), &stop) {
			return exitError{stop.exitCode(), "the check was stopped by a signal before its end"}
		}
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
	case outputJSON:
		return checkreport.JSON(to, found)
	case outputSARIF:
		return checkreport.SARIF(to, found, t.carried.Version)
	default:
		return checkreport.Text(to, found)
	}
}

// pathOf returns only PATH, which containers need to find programs.
func pathOf(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(variable string) bool {
		return !strings.HasPrefix(variable, "PATH=") && !strings.HasPrefix(variable, "TMPDIR=")
	})
}
