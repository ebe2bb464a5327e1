// Package cli implements the command line tool sidecar: commands, flags and exit codes.
package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/stage"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// The exit codes of sidecar. For a failed staging, it is the builder's (CF-11).
const (
	exitSuccess = 0
	exitFailed  = 1
	exitUsage   = 2
)

// Main runs sidecar, and returns its exit code. args[0] is the program's name.
func Main(carried Embedded, args, environ []string, stdout, stderr io.Writer) int {
	t := &tool{carried: carried, environ: environ, stdout: stdout}
	root := t.root()
	root.SetArgs(args[1:])
	root.SetOut(stdout)
	root.SetErr(stderr)
	return report(stderr, root.Execute())
}

// report prints an error and returns its exit code.
func report(stderr io.Writer, err error) int {
	var usage usageError
	var staging *stage.StagingError
	switch {
	case err == nil:
		return exitSuccess
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "Incorrect usage: %s\nSee '%s --help'.\n", printable.Text(err.Error()), usage.command)
		return exitUsage
	}
	fmt.Fprintf(stderr, "FAILED\n%s\n", printable.Text(strings.TrimSpace(err.Error())))
	if errors.As(err, &staging) {
		return staging.Status
	}
	if exit := (exitError{}); errors.As(err, &exit) {
		return exit.code
	}
	return exitFailed
}
