//go:build linux

package supervise

import (
	"context"
	"fmt"
	"path/filepath"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// renderProgram is package render's Program. That package is not imported, to keep the supervisor
// small. The program is in the supervisor's own directory, and makes a command's variables and
// files from bound services. It ends before the command starts, so its memory is free again by
// then.
const renderProgram = "sidecar-render"

// A preparation makes the command of a spec that has Render, again before each start.
type preparation struct {
	directory string
	spec      supervision.Spec
	args      []string
	environ   environment
	say       func(format string, args ...any)
}

// command writes the files, and returns the command with the current values in its environment.
func (p preparation) command() (command, error) {
	spec := p.spec
	var err error
	if spec.Env, err = p.variables(p.environ); err != nil {
		return command{}, err
	}
	made, err := limitCommand(p.directory, spec, p.args, p.environ, p.variables)
	if err != nil {
		p.say(notLimited, err)
	}
	return made, nil
}

// notLimited is logged for a command whose limits cannot be set.
const notLimited = "its language runtimes are not told of its memory: %s"

// files only rewrites the files, while the command runs. The program logs failures itself.
func (p preparation) files(children *reaper) error {
	program := filepath.Join(p.directory, "bin", renderProgram)
	_, ended, err := children.start(context.Background(), func() (int, error) {
		return syscall.ForkExec(program, []string{program, "files", p.spec.Name}, &syscall.ProcAttr{
			Env: p.environ, Files: []uintptr{0, 2, 2}, Sys: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL},
		})
	})
	if err != nil {
		return renderError{err}
	}
	if status := <-ended; status != 0 {
		return renderError{fmt.Errorf("%s %s", renderProgram, exit{status: exitStatus(status)}.why())}
	}
	return nil
}

// variables writes the files, and returns the variables for an environment. The program logs
// failures itself.
func (p preparation) variables(environ []string) ([]supervision.Variable, error) {
	program := filepath.Join(p.directory, "bin", renderProgram)
	variables, err := printedVariables([]string{program, "start", p.spec.Name}, environ)
	if err != nil {
		return nil, renderError{err}
	}
	for i := range variables {
		variables[i].Literal = true
	}
	return variables, nil
}

func (e renderError) Unwrap() error { return e.error }
