// Package buildpack is the wiring of the programs that a buildpack is made of:
// what stands behind bin/detect, bin/supply, bin/finalize and bin/release.
package buildpack

import (
	"fmt"
	"io"

	"code.cloudfoundry.org/buildpackapplifecycle"
	"github.com/cloudfoundry/libbuildpack"
)

// The exit codes of the buildpack's programs. A program that fails exits with
// the code that the platform gives to a staging that failed in its phase
// (PR-11).
const (
	exitSuccess  = 0
	exitRefused  = 1 // bin/detect: the app is not for this buildpack
	exitUsage    = 2
	exitDetect   = buildpackapplifecycle.DETECT_FAIL_CODE
	exitRelease  = buildpackapplifecycle.RELEASE_FAIL_CODE
	exitSupply   = buildpackapplifecycle.SUPPLY_FAIL_CODE
	exitFinalize = buildpackapplifecycle.FINALIZE_FAIL_CODE
)

// usage is what a program says that was not called as the platform calls it.
func usage(stderr io.Writer, program, arguments string) int {
	fmt.Fprintf(stderr, "usage: bin/%s %s\n", program, arguments)
	return exitUsage
}

// fail reports an error in the platform's staging style.
func fail(w io.Writer, code int, err error) int {
	libbuildpack.NewLogger(w).Error("%s", err)
	return code
}
