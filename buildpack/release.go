package buildpack

import (
	"fmt"
	"io"
)

// Release is bin/release BUILD_DIR. The lifecycle runs it if the last buildpack of a push wrote no
// launch.yml (CF-09), which here means that the app has no sidecars. It writes an empty list of
// process types to stdout, in the YAML that the lifecycle reads, since a sidecar buildpack adds no
// start command, and messages to stderr. Release returns the exit code: 0, 2 for a wrong number of
// arguments, 224 for a failure (CF-11).
func Release(args, environ []string, stdout, stderr io.Writer) int {
	if len(args) != 2 {
		return usage(stderr, "release", "BUILD_DIR")
	}
	newLogger(stderr).BeginStep("This buildpack adds no process of its own")
	if _, err := fmt.Fprint(stdout, "---\ndefault_process_types: {}\n"); err != nil {
		return fail(stderr, exitRelease, err)
	}
	return exitSuccess
}
