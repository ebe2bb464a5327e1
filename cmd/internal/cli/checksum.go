package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/paketo-buildpacks/packit/v2/chronos"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/published"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
)

// checksum describes a published file to an author who wants to add it as a dependency.
func (t *tool) checksum() *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "checksum URL",
		Short: "Download a file, and print its SHA-256, its size and the programs in it",
		Long: "Downloads a file as staging would, and prints the values for an entry of manifest.yml or sidecars.yml: its SHA-256,\n" +
			"its size, and the programs in it, with a remark on those that cannot run in a container. It keeps no copy.\n" +
			"Its exit status is 1 if there are programs and none of them can run in a container.",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{c.CommandPath(), fmt.Errorf("found %d arguments; expected one, the file's URL", len(args))}
			}
			if err := checkURL(args[0]); err != nil {
				return usageError{c.CommandPath(), err}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			ctx, stop := untilSignal()
			defer stop()
			file, err := published.Look(ctx, newDownloader(c.ErrOrStderr()), args[0], 0)
			if err != nil {
				return err
			}
			show := printPublished
			if output == outputJSON {
				show = func(to io.Writer, file published.File) error { return writeJSON(to, file) }
			}
			if err := show(t.stdout, file); err != nil {
				return err
			}
			if !slices.ContainsFunc(file.Executables, func(e published.Executable) bool { return e.Problem == "" }) && len(file.Executables) > 0 {
				return errors.New("found no program that a container can run")
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	addOutput(c, &output, "output `FORM`: "+outputText+" or "+outputJSON)
	return c
}

// checkURL refuses URLs that cannot be downloaded. Its error explains the URL of a local file.
func checkURL(text string) error {
	parsed, err := url.Parse(text)
	switch {
	case err != nil:
		return fmt.Errorf("found a URL that cannot be read; expected one of http, https or file")
	case parsed.Scheme == "http", parsed.Scheme == "https", parsed.Scheme == "file":
		return nil
	}
	if path, err := filepath.Abs(text); err == nil {
		if _, err := os.Stat(path); err == nil {
			return fmt.Errorf("found the path %q; expected a URL: %s", redact.Text(text), (&url.URL{Scheme: "file", Path: path}).String())
		}
	}
	return fmt.Errorf("found %q; expected a URL of http, https or file", redact.Text(text))
}

// untilSignal returns a context that ends at the first signal to stop, so that the command can remove
// its downloads.
func untilSignal() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
}

// newDownloader returns an installer without a cache, which shows its progress on stderr.
func newDownloader(stderr io.Writer) *install.Installer {
	logf := func(format string, args ...any) {
		fmt.Fprintln(stderr, printable.Text(fmt.Sprintf(format, args...)))
	}
	file, isFile := stderr.(*os.File)
	return &install.Installer{
		Fetcher: install.Fetcher{Retry: install.DefaultRetryPolicy, Logf: logf},
		Limits:  install.DefaultLimits,
		Logf:    logf,
		Progress: &install.Progress{
			Writer: stderr, Terminal: isFile && term.IsTerminal(int(file.Fd())),
			Interval: install.DefaultInterval, Clock: chronos.DefaultClock,
		},
	}
}

func printPublished(to io.Writer, file published.File) error {
	none := ""
	if len(file.Executables) == 0 {
		none = "none"
	}
	lines := align([][]string{
		{"uri:", printable.Text(file.URI)},
		{"sha256:", file.SHA256},
		{"size:", fmt.Sprintf("%s, %d bytes", install.Amount(file.Size), file.Size)},
		{"content:", content(file)},
		{"programs:", none},
	})
	if none == "" {
		lines = append(lines, align(programs(file))...)
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(to, line); err != nil {
			return err
		}
	}
	return nil
}

// programs returns a line for each program in the file, also for those that cannot run.
func programs(file published.File) [][]string {
	var lines [][]string
	for _, one := range file.Executables {
		kind := one.Kind
		if one.Problem != "" {
			kind += ", which a container cannot run; " + one.Problem
		}
		lines = append(lines, []string{"  " + printable.Name(one.Path), printable.Text(kind)})
	}
	return lines
}

func content(file published.File) string {
	switch {
	case !file.Archive:
		return "no archive"
	case file.Strip > 0:
		return fmt.Sprintf("an archive of %s, %s unpacked with strip %d", countFiles(file.Files), install.Amount(file.Unpacked), file.Strip)
	case file.Directory != "":
		return fmt.Sprintf("an archive of %s, %s unpacked, all below %s/ (strip: 1 drops it)", countFiles(file.Files), install.Amount(file.Unpacked), printable.Name(file.Directory))
	default:
		return fmt.Sprintf("an archive of %s, %s unpacked", countFiles(file.Files), install.Amount(file.Unpacked))
	}
}

func countFiles(count int) string {
	if count == 1 {
		return "1 file"
	}
	return fmt.Sprintf("%d files", count)
}
