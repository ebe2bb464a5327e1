package buildpack

import (
	"fmt"
	"io"
)

// Release is bin/release BUILD_DIR. The lifecycle asks it for processes when
// the last buildpack of a push wrote no launch.yml (CF-09), which here means
// that the app has no sidecars. This buildpack has no start command to add, and
// says so in the YAML that the lifecycle reads. It returns the exit code: 0, 2 for other
// arguments, or 224 (CF-11).
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
