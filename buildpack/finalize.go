package buildpack

import (
	"io"

	"github.com/cloudfoundry-community/sidecar-buildpack/finalize"
)

// Finalize is bin/finalize BUILD_DIR CACHE_DIR DEPS_DIR IDX PROFILE_DIR. args[0] is the program's
// own path, which locates the buildpack's files. Finalize logs to stdout, and returns the exit
// code: 0, 2 for a wrong number of arguments, 226 for a failure (CF-11).
func Finalize(args, environ []string, stdout, stderr io.Writer) int {
	if len(args) != 6 {
		return usage(stderr, "finalize", "BUILD_DIR CACHE_DIR DEPS_DIR IDX PROFILE_DIR")
	}
	log := newLogger(stdout)
	stager, err := newLayout(args[0]).stager(args[1:], log)
	if err != nil {
		return fail(stdout, exitFinalize, err)
	}
	finalizer := finalize.Finalizer{Stager: stager, Log: log}
	if err := finalizer.Run(); err != nil {
		return fail(stdout, exitFinalize, err)
	}
	return exitSuccess
}
