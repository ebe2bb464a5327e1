//go:build linux

package supervise

import (
	"context"
	"fmt"
	"path/filepath"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// renderProgram is package render's Program, which is not imported, to keep the supervisor
// small. In the supervisor's own directory, it makes the variables and the files of a
// command from bound services. It ends before the command starts: whoever has no use for it
// does not pay for it, and a supervisor stays as small as it is.
const renderProgram = "sidecar-render"

// A preparation makes the command of a spec that asks for Render, anew before each start.
type preparation struct {
	directory string
	spec      supervision.Spec
	args      []string
	environ   environment
	say       func(format string, args ...any)
}

// command writes the files, and has the values of now in its environment.
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

// notLimited is said of a command whose limits cannot be set.
const notLimited = "its language runtimes are not told of its memory: %s"

// files has the program write the files alone, while the command runs. It says itself what
// is wrong.
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

// variables has the program write the files, and print the variables for an environment. It
// says itself what is wrong.
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
