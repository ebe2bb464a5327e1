package lifecycle

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"code.cloudfoundry.org/buildpackapplifecycle/buildpackrunner"
	"code.cloudfoundry.org/buildpackapplifecycle/credhub_flags"
	"code.cloudfoundry.org/buildpackapplifecycle/env"
	"code.cloudfoundry.org/goshims/osshim"
	"gopkg.in/yaml.v2" // the real launcher's

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// The launcher's exit codes.
const (
	exitUsage       = 1
	exitEnvironment = 3
	exitExec        = 4
)

// script is what the launcher has bash do in the app's directory: source the
// droplet's profile scripts, then the app's own, then .profile, and become the
// start command (CF-15). Its arguments are the directory and the command, and
// both are still set while the scripts run. %s is what the command is handed to.
const script = `
cd "$1"
echo 'Invoking pre-start scripts.'
if [ -n "$(ls ../profile.d/* 2> /dev/null)" ]; then
  for env_file in ../profile.d/*; do source $env_file; done
fi
if [ -n "$(ls .profile.d/* 2> /dev/null)" ]; then
  for env_file in .profile.d/*; do source $env_file; done
fi
if [ -f .profile ]; then source .profile; fi
shift
echo 'Invoking start command.'
exec %s "$@"
`

// Launcher is launcher APP_DIRECTORY COMMAND METADATA. It becomes the start
// command, and so returns only where that failed. Its packages read and change
// the environment of the process, which therefore has to be its own.
func Launcher(args, _ []string, _, stderr io.Writer) int {
	if len(args) < 4 {
		fmt.Fprintf(stderr, "%s: received only %d arguments\n", args[0], len(args)-1)
		fmt.Fprintf(stderr, "Usage: %s <app-directory> <start-command> <metadata>", args[0])
		return exitUsage
	}
	directory, command := args[1], args[2]
	if absolute, err := filepath.Abs(directory); err == nil {
		directory = absolute
	}
	info, err := stagingInfo()
	if err != nil {
		fmt.Fprintf(stderr, "Invalid staging info - %s", err)
		return exitUsage
	}
	if command == "" {
		command = info.StartCommand
	}
	if command == "" {
		fmt.Fprintf(stderr, "%s: no start command specified or detected in droplet", args[0])
		return exitUsage
	}
	flags := credhub_flags.NewCredhubFlags("launcher")
	if err := flags.Parse(args[3:]); err != nil {
		fmt.Fprintf(stderr, "%s: could not parse credhub flags: %s", args[0], err)
		return exitUsage
	}
	if err := env.CalcEnv(&osshim.OsShim{}, directory, flags.ConnectAttempts(), flags.RetryDelay()); err != nil {
		fmt.Fprint(stderr, err)
		return exitEnvironment
	}
	err = syscall.Exec("/bin/bash", []string{"bash", "-c", fmt.Sprintf(script, entrypoint(info)), args[0], directory, command}, os.Environ())
	fmt.Fprint(stderr, err)
	return exitExec
}

// entrypoint is what a buildpack's config.yml may put in the place of bash.
func entrypoint(info buildpackrunner.DeaStagingInfo) string {
	if prefix := info.GetEntrypointPrefix(); prefix != "" {
		return prefix
	}
	return "bash -c"
}

// stagingInfo is what the builder left in the droplet's root, if anything.
func stagingInfo() (buildpackrunner.DeaStagingInfo, error) {
	var info buildpackrunner.DeaStagingInfo
	const maxSize = 1 << 20 // bytes
	content, err := regularfile.Read(buildpackrunner.DeaStagingInfoFilename, maxSize)
	if errors.Is(err, fs.ErrNotExist) {
		return info, nil
	}
	if err != nil {
		return info, err
	}
	if err := yaml.Unmarshal(content, &info); err != nil {
		return info, fmt.Errorf("failed to unmarshal %s: %w", buildpackrunner.DeaStagingInfoFilename, err)
	}
	return info, nil
}
