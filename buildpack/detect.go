package buildpack

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/cloudfoundry-community/sidecar-buildpack/detect"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// Detect is bin/detect BUILD_DIR. It writes the buildpack's name and version to stdout, for the
// platform to show, and messages to stderr. args[0] is the program's own path, which locates the
// buildpack's files. Detect returns the exit code: 0 if this buildpack alone can run the app, 1 if
// it cannot, 2 for a wrong number of arguments, 222 for a failure (CF-11).
func Detect(args, environ []string, stdout, stderr io.Writer) int {
	if len(args) != 2 {
		return usage(stderr, "detect", "BUILD_DIR")
	}
	log := newLogger(stderr)
	buildpack := newLayout(args[0])
	manifest, err := buildpack.manifest(log)
	if err != nil {
		return fail(stderr, exitDetect, err)
	}
	identity, err := buildpack.identity(manifest)
	if err != nil {
		return fail(stderr, exitDetect, err)
	}
	log.BeginStep("Looking for an app that %s can run alone", printable.Name(identity.Name))
	version, err := manifest.Version()
	if err != nil {
		return fail(stderr, exitDetect, fmt.Errorf("failed to read the buildpack's version: %w", err))
	}
	var refusal detect.Refusal
	switch err := buildpack.detect(args[1], environ); {
	case errors.As(err, &refusal):
		log.Info("No: %s", refusal)
		return exitRefused
	case err != nil:
		return fail(stderr, exitDetect, err)
	}
	fmt.Fprintf(stdout, "%s %s\n", printable.Line(identity.ID), printable.Line(version))
	return exitSuccess
}

func (s layout) detect(buildDir string, environ []string) error {
	catalog, err := s.catalog()
	if err != nil {
		return err
	}
	app, err := os.OpenRoot(buildDir)
	if err != nil {
		return fmt.Errorf("failed to open the app: %w", err)
	}
	defer app.Close()
	bound, err := bindings.Read(environ)
	if err != nil {
		return err
	}
	return detect.Run(detect.Context{
		App: regularfile.FS(app), Environ: environ, Catalog: catalog, Services: sidecar.Services{Known: true, Bound: bound},
	})
}
