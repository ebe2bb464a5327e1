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
	"gopkg.in/yaml.v2" // as in the real launcher

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// The launcher's exit codes.
const (
	exitUsage       = 1
	exitEnvironment = 3
	exitExec        = 4
)

// script is what bash runs in the app's directory: it sources the droplet's profile scripts, the
// app's own scripts and .profile, and replaces itself with the start command (CF-15). Its arguments
// are the directory and the command; both are still set while it sources the scripts. %s is the
// program that gets the command.
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

// Launcher is launcher APP_DIRECTORY COMMAND METADATA. It replaces the process with the start
// command, so it only returns an exit code if that fails. Its packages read and change the
// environment of the process, so it needs a process of its own.
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

// entrypoint returns the program that a buildpack's config.yml sets in place of bash, or bash.
func entrypoint(info buildpackrunner.DeaStagingInfo) string {
	if prefix := info.GetEntrypointPrefix(); prefix != "" {
		return prefix
	}
	return "bash -c"
}

// stagingInfo reads the file that the builder has left in the droplet's root, if there is one.
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
