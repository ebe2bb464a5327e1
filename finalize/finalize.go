// Package finalize is the phase in which the last buildpack of a push sets up the app's launch
// environment from what all buildpacks supplied. It is not an API: make a buildpack of your own
// from package buildpack.
package finalize

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/cloudfoundry/libbuildpack"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// A Finalizer does the work of bin/finalize.
type Finalizer struct {
	Stager *libbuildpack.Stager
	Log    *libbuildpack.Logger
}

// Run copies the profile.d scripts of every buildpack to the droplet's own, and puts their bin
// directories on PATH and lib directories on LD_LIBRARY_PATH (CF-16). It warns about an app without
// a start command, which is not an error: the app manifest may have one (CF-10).
func (f *Finalizer) Run() error {
	f.Log.BeginStep("Finalizing the launch environment")
	if err := f.launchEnvironment(); err != nil {
		return fmt.Errorf("failed to write the launch environment: %w", err)
	}
	if err := f.checkConfigs(); err != nil {
		return err
	}
	if err := f.warnOfReplaced(); err != nil {
		return err
	}
	command, err := f.startCommand()
	if err != nil {
		return err
	}
	if command == "" {
		f.warnOfNoCommand()
	} else {
		f.Log.Info("Start command: %s", printable.Name(redact.Text(command)))
	}
	if err := f.rememberVersion(); err != nil {
		f.Log.Warning("The next staging will not know this version of the buildpack: %s", err)
	}
	return nil
}

// startCommand returns the command of the process web as the lifecycle will find it: from the
// buildpacks' launch.yml files in their order, then from the Procfile (CF-07).
func (f *Finalizer) startCommand() (string, error) {
	own, err := strconv.Atoi(f.Stager.DepsIdx())
	if err != nil {
		return "", fmt.Errorf("failed to read the buildpack's index: %w", err)
	}
	var all []launch.Process
	for index := range own + 1 {
		// The lifecycle looks below the plain number, even if the directories' names are padded
		// (CF-02).
		processes, err := launch.Read(filepath.Join(f.Stager.DepsDir(), strconv.Itoa(index), launch.FileName))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		all = launch.Merge(all, processes)
	}
	processes, err := launch.ReadProcfile(os.DirFS(f.Stager.BuildDir()))
	if err != nil {
		return "", err
	}
	for _, p := range launch.Merge(all, processes) {
		if p.Type == launch.WebProcess && !p.IsSidecar() {
			return p.Command, nil
		}
	}
	return "", nil
}
