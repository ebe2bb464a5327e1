//go:build linux

package supervise

import (
	"fmt"
	"io"
	"strconv"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/vcap"
)

// interactiveShell replaces the app's process id in an interactive session (cf ssh). A session gets
// the app's variables, and does not wait for anything.
const interactiveShell = "shell"

// An appStart is the start of one process of the app, in its shell.
type appStart struct {
	directory string
	sidecars  []appstart.Sidecar // those that run in its container
	environ   []string
	say       *asyncLogger
}

// startApp does what the sidecars require of the app's process with this id, and prints what its
// shell evaluates before its command. It ends when the calling process does. If it fails, the app
// must not start.
func startApp(directory, process string, environ []string, stdout, stderr io.Writer) int {
	say := newAsyncLogger(stderr, "")
	defer say.close()
	pid, err := strconv.ParseUint(process, 10, 31)
	if process != interactiveShell && (err != nil || pid == 0) {
		fmt.Fprint(stderr, usage)
		return statusUsage
	}
	endWithParent()
	start := appStart{directory: directory, sidecars: sidecarsHere(directory, environ, say), environ: environ, say: say}
	variables, ok := start.environment(process == interactiveShell)
	if !ok {
		return statusFailed
	}
	if process != interactiveShell {
		start.noteProcess(int(pid))
		if !start.hold() {
			return statusFailed
		}
	}
	if variables, err = start.withConfig(variables); err != nil && process != interactiveShell {
		say.say("values of the configuration cannot be read: %s; the app's instance ends", err)
		return statusFailed
	}
	script := appstart.Script(variables) + start.otelIdentity(variables)
	if _, err := io.WriteString(stdout, script); err != nil {
		say.say("failed to print what the app's shell is to evaluate: %s", err)
		return statusFailed
	}
	return 0
}

// sidecarsHere returns the sidecars that run in this process's container. If their file cannot be
// read, it logs that and returns none.
func sidecarsHere(directory string, environ []string, say *asyncLogger) []appstart.Sidecar {
	all, err := appstart.Read(directory)
	if err == nil {
		var app vcap.Application
		if app, err = vcap.Read(environ); err == nil {
			var here []appstart.Sidecar
			for _, s := range all {
				if app.RunsIn(s.ProcessTypes) {
					here = append(here, s)
				}
			}
			return here
		}
	}
	say.say("%s; the sidecars ask nothing of this process", err)
	return nil
}

// environment returns the variables that sidecars set for the app. ok is false if those of one
// sidecar cannot be read; an interactive session then starts without these.
func (a appStart) environment(interactive bool) (variables []appstart.Variable, ok bool) {
	for _, s := range a.sidecars {
		if s.AppEnvFrom == "" {
			variables = append(variables, s.AppEnv...)
			continue
		}
		read, err := readAppEnvironment(a.directory, s.Name, s.AppEnvFrom, a.environ)
		if err != nil && !interactive {
			return nil, false // the program that reads it has logged why
		}
		variables = append(variables, read...)
	}
	return variables, true
}

// hold waits for the sidecars that hold the app, and reports whether all are ready.
func (a appStart) hold() bool {
	var names []string
	for _, s := range a.sidecars {
		if s.HoldApp {
			names = append(names, s.Name)
		}
	}
	if len(names) == 0 {
		return true
	}
	specs, err := supervision.Read(a.directory)
	if err == nil {
		w := wait{directory: a.directory, specs: specs, notice: func(format string, args ...any) {
			a.say.say("the app waits for "+format, args...)
		}}
		err = w.all(names)
	}
	if err != nil {
		a.say.say("%s, and the app waits for it; the app's instance ends", err)
		return false
	}
	return true
}
