// Package standin runs the programs of a stand-in for a language buildpack.
package standin

import (
	"fmt"
	"io"
	"path/filepath"

	"code.cloudfoundry.org/buildpackapplifecycle"
	"github.com/cloudfoundry/libbuildpack"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/standin"
)

// headers are libbuildpack's own, with its colors.
var headers = []string{"       \x1b[31;1m**ERROR**\x1b[0m", "       \x1b[31;1m**WARNING**\x1b[0m"}

// Main is bin/stand-in PHASE ARGUMENT..., which bin/PHASE calls. It returns the exit code; for a
// failure, the platform's code for a failed staging in that phase (CF-11).
func Main(args, environ []string, stdout, stderr io.Writer) int {
	phases := map[string]struct {
		arguments, failed int
		run               func(standin.Phase, []string) error
	}{
		"detect":   {1, buildpackapplifecycle.DETECT_FAIL_CODE, nil},
		"supply":   {4, buildpackapplifecycle.SUPPLY_FAIL_CODE, func(p standin.Phase, a []string) error { return p.Supply(a[0], a[2], a[3]) }},
		"finalize": {5, buildpackapplifecycle.FINALIZE_FAIL_CODE, standin.Phase.Finalize},
		"release":  {1, buildpackapplifecycle.RELEASE_FAIL_CODE, func(p standin.Phase, _ []string) error { return release(p, stdout) }},
	}
	if len(args) < 2 || phases[args[1]].arguments == 0 || len(args) != 2+phases[args[1]].arguments {
		fmt.Fprintln(stderr, "usage: bin/PHASE with the platform's arguments")
		return 2
	}
	phase := phases[args[1]]
	log := libbuildpack.NewLogger(printable.Writer{To: stdout, Headers: headers})
	root := filepath.Dir(filepath.Dir(args[0]))
	settings, err := standin.ReadSettings(root)
	p := standin.Phase{Root: root, Settings: settings, Environ: environ, Log: log, Stdout: stdout}
	if err == nil && phase.run == nil {
		return detect(p, args[2], stdout, stderr)
	}
	if err == nil {
		err = phase.run(p, args[2:])
	}
	if err != nil {
		libbuildpack.NewLogger(printable.Writer{To: stderr, Headers: headers}).Error("%s", err)
		return phase.failed
	}
	return 0
}

func detect(p standin.Phase, buildDir string, stdout, stderr io.Writer) int {
	language, accepted, err := p.Detect(buildDir)
	switch {
	case err != nil:
		fmt.Fprintln(stderr, printable.Text(err.Error()))
		return buildpackapplifecycle.DETECT_FAIL_CODE
	case !accepted:
		return 1
	}
	fmt.Fprintln(stdout, language)
	return 0
}

func release(p standin.Phase, stdout io.Writer) error {
	text, err := p.Release()
	if err == nil {
		_, err = stdout.Write(text)
	}
	return err
}
