// Package configserver is the config-server sidecar: an HTTP server on
// 127.0.0.1 that serves the app its configuration as JSON.
//
// The configuration holds secrets: no part of it is ever written to a log or
// into an error.
package configserver

import (
	"context"
	"fmt"
	"io"
	"os/signal"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

const (
	exitStopped = 0
	exitFailed  = 1
	exitUsage   = 2
)

const usage = `config-server serves an app its configuration as JSON on 127.0.0.1.

Usage: config-server

Environment:
  CONFIG_SERVER_PORT    the port to listen on, 1 to 65535; required
  CONFIG_SERVER_CONFIG  the configuration: JSON that starts with {, [ or ",
                        or the path of a JSON file, relative to the working
                        directory; at most 1 MiB; read once, at the start.
                        Without it an example configuration is served.

Answers:
  /config/, /config     the configuration
  /health               {"status":"UP"}

It answers requests to the hosts localhost, 127.0.0.0/8 and [::1] alone.
`

// Main runs the config-server until SIGTERM or SIGINT and returns its exit
// code:
//
//	0  stopped by a signal, or --help
//	1  could not start, or could not go on serving
//	2  was given arguments it does not take
//
// args is the command line with the program's name first, environ has the
// form of os.Environ. An error is written to stderr once, as one line that
// starts with "config-server: ".
func Main(args, environ []string, stdout, stderr io.Writer) int {
	if len(args) > 1 {
		if args[1] == "-h" || args[1] == "--help" {
			fmt.Fprint(stdout, usage)
			return exitStopped
		}
		// The arguments are not repeated: the user may have passed the
		// configuration there.
		fmt.Fprintln(stderr, "config-server: takes no arguments, only settings from the environment: see config-server --help")
		return exitUsage
	}

	limitMemory(environ)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	if err := Run(ctx, environ, stdout); err != nil {
		fmt.Fprintf(stderr, "config-server: %s\n", printable.Line(err.Error()))
		return exitFailed
	}
	return exitStopped
}
