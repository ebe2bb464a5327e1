package buildpack

import (
	"fmt"
	"io"

	"code.cloudfoundry.org/buildpackapplifecycle"
	"github.com/cloudfoundry/libbuildpack"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// The exit codes of the buildpack's programs. A program that fails exits with
// the code that the platform gives to a staging that failed in its phase
// (CF-11).
const (
	exitSuccess  = 0
	exitRefused  = 1 // bin/detect: the app is not for this buildpack
	exitUsage    = 2
	exitDetect   = buildpackapplifecycle.DETECT_FAIL_CODE
	exitRelease  = buildpackapplifecycle.RELEASE_FAIL_CODE
	exitSupply   = buildpackapplifecycle.SUPPLY_FAIL_CODE
	exitFinalize = buildpackapplifecycle.FINALIZE_FAIL_CODE
)

// headers are libbuildpack's own, with the colors that it gives them.
var headers = []string{"       \x1b[31;1m**ERROR**\x1b[0m", "       \x1b[31;1m**WARNING**\x1b[0m"}

// newLogger returns a log in the platform's staging style. It escapes control characters, so that
// names in a message cannot control the terminal.
func newLogger(w io.Writer) *libbuildpack.Logger {
	return libbuildpack.NewLogger(printable.Writer{To: w, Headers: headers})
}

// newLineLogger is newLogger for a library that logs names of files in a cache: it also escapes
// line feeds, so that each message stays on one line.
func newLineLogger(w io.Writer) *libbuildpack.Logger {
	return libbuildpack.NewLogger(printable.Writer{To: w, Headers: headers, OneLine: true})
}

// usage reports a call with wrong arguments, and returns the exit code.
func usage(stderr io.Writer, program, arguments string) int {
	fmt.Fprintf(stderr, "usage: bin/%s %s\n", program, arguments)
	return exitUsage
}

// fail reports an error in the platform's staging style, and returns code.
func fail(w io.Writer, code int, err error) int {
	newLogger(w).Error("%s", err)
	return code
}
