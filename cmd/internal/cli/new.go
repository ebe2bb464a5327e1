package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/published"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/scaffold"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// modulePath is the path of this module.
const modulePath = "github.com/cloudfoundry-community/sidecar-buildpack"

// new creates the repository of an author's buildpack.
func (t *tool) new() *cobra.Command {
	request := scaffold.Request{Module: modulePath, ModuleVersion: moduleVersion(t.carried.Version), Programs: releasedPackage(t.carried.Version), Strip: published.Automatic}
	var agents []string
	c := &cobra.Command{
		Use:   "new NAME",
		Short: "Create the repository of a new sidecar buildpack",
		Long: "Creates the repository of a sidecar buildpack in the directory NAME: its catalog and manifest, its programs, an example\n" +
			"app, a CI workflow, scripts/test.sh, which stages and runs the example, and scripts/package.sh, which makes the zip.\n" +
			"With --from, the sidecar is a published program: this downloads the file, finds its programs, and writes its SHA-256\n" +
			"into manifest.yml. Without --from, the sidecar's program is part of the repository.\n" +
			"The repository requires the sidecar buildpack as a Go module; --without-go uses the programs of a release instead.",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{c.CommandPath(), fmt.Errorf("found %d arguments; expected one, the name of the buildpack", len(args))}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			var err error
			if request.Directory, err = filepath.Abs(args[0]); err != nil {
				return fmt.Errorf("failed to find the directory %s: %w", args[0], err)
			}
			request.Name = args[0]
			if err := completeNew(c, &request, agents); err != nil {
				return err
			}
			ctx, stop := untilSignal()
			defer stop()
			err = scaffold.New(ctx, request, newTools(c.ErrOrStderr(), t.environ))
			var option *scaffold.OptionError
			if errors.As(err, &option) {
				return usageError{c.CommandPath(), err}
			}
			if err == nil {
				_, err = fmt.Fprintf(t.stdout, "Wrote %s. In it, scripts/test.sh stages and runs the example, and scripts/package.sh makes the zip.\n", printable.Name(request.Name))
			}
			return err
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	f := c.Flags()
	f.StringVar(&request.URI, "from", "", "`URI` of the sidecar's archive or program (http, https or file)")
	f.StringVar(&request.Version, "version", "", "`VERSION` of what --from names (default: the one in the end of its path)")
	f.Var(&wholeNumber{&request.Strip, 0, 100, "how many leading parts of the archive's paths to drop"}, "strip", "`NUMBER` of leading parts of the archive's paths to drop (default: 1 if all is below one directory)")
	f.Lookup("strip").DefValue = ""
	f.StringVar(&request.Binary, "binary", "", "`PATH` of the program in the archive, without what --strip drops (default: the only one)")
	f.StringVar(&request.Command, "command", "", "the sidecar's `COMMAND` (default: the program alone)")
	f.StringVar(&request.Memory, "memory", "64M", "`SIZE` of the memory to reserve")
	f.StringVar(&request.Binding, "binding", "", "give it to apps that are bound to a service with this `NAME`, label or tag (default: to those that name it)")
	f.StringArrayVar(&agents, "agent", nil, "`RUNTIME=PATH` of a file in the archive that apps of this runtime load (python: of a directory or a zip): "+strings.Join(scaffold.Runtimes(), ", "))
	f.BoolVar(&request.WithoutGo, "without-go", false, "write data alone, for the programs of a release")
	f.StringVar(&request.Programs, "programs", request.Programs, "`URI` of the release's zip, for --without-go")
	f.StringVar(&request.ModuleVersion, "module-version", request.ModuleVersion, "`VERSION` of the sidecar buildpack to require")
	f.StringVar(&request.Replace, "replace", "", "`DIRECTORY` of a checkout of the sidecar buildpack to build from instead")
	return c
}

// completeNew reads the files that the flags name, and refuses flags that have no effect.
func completeNew(c *cobra.Command, request *scaffold.Request, agents []string) error {
	for _, text := range agents {
		agent, err := scaffold.ParseAgent(text)
		if err != nil {
			return usageError{c.CommandPath(), fmt.Errorf("--agent: found %q; %w", text, err)}
		}
		request.Agents = append(request.Agents, agent)
	}
	for flag, uri := range map[string]string{"from": request.URI, "programs": request.Programs} {
		if c.Flags().Changed(flag) {
			if err := checkURL(uri); err != nil {
				return usageError{c.CommandPath(), fmt.Errorf("--%s: %w", flag, err)}
			}
		}
	}
	if c.Flags().Changed("programs") && !request.WithoutGo {
		return usageError{c.CommandPath(), errors.New("--programs has no effect without --without-go")}
	}
	if request.Replace == "" {
		return nil
	}
	if err := exclusive(c, "replace", "without-go", "without Go code, nothing is built"); err != nil {
		return err
	}
	if err := exclusive(c, "replace", "module-version", "the checkout is built, whatever its version"); err != nil {
		return err
	}
	directory, err := filepath.Abs(request.Replace)
	if err != nil {
		return fmt.Errorf("failed to find the directory %s: %w", request.Replace, err)
	}
	if _, err := os.Stat(filepath.Join(directory, "buildpack", "main.go")); err != nil {
		return usageError{c.CommandPath(), fmt.Errorf("--replace: found no checkout of the sidecar buildpack in %s", directory)}
	}
	request.Replace, request.ModuleVersion = directory, "v0.0.0"
	return nil
}

// newTools returns the tools of this machine.
func newTools(stderr io.Writer, environ []string) scaffold.Tools {
	installer := newDownloader(stderr)
	return scaffold.Tools{
		Look: func(ctx context.Context, uri string, strip int) (published.File, error) {
			return published.Look(ctx, installer, uri, strip)
		},
		Go: func(ctx context.Context, directory string, args ...string) error {
			if _, err := exec.LookPath("go"); err != nil {
				return errors.New("found no Go on PATH; expected the one from https://go.dev/dl, or --without-go")
			}
			command := exec.CommandContext(ctx, "go", args...)
			command.Dir, command.Env = directory, append(environ, "GOWORK=off", "PWD="+directory)
			output, err := command.CombinedOutput()
			if err != nil {
				return fmt.Errorf("go %s: %w: %s", strings.Join(args, " "), err, endOf(string(output)))
			}
			return nil
		},
		Logf: installer.Logf,
	}
}

// endOf returns the last lines of a program's output.
func endOf(output string) string {
	const most = 5
	lines := strings.Split(strings.TrimSpace(output), "\n")
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}

// moduleVersion returns the version of the module that this program was built from, or else the
// version of its release.
func moduleVersion(release string) string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Path == modulePath && info.Main.Sum != "" {
		return info.Main.Version
	}
	return "v" + release
}

// releasedPackage returns the URL of a release's package without dependencies.
func releasedPackage(release string) string {
	return fmt.Sprintf("https://%s/releases/download/v%s/sidecar_buildpack-v%s.zip", modulePath, release, release)
}
