//go:build linux

package supervise

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// A renderError is why a command has no variables and files.
type renderError struct{ error }

const shell = "/bin/bash"

// A command is what is to run, and how.
type command struct {
	argv      []string
	environ   environment
	path      string // where a program is looked for
	directory string // empty: here
	// workDir is the directory as it is stated: messages quote it in the place of directory,
	// in which the value of a variable may be a secret.
	workDir string
}

// newCommand is that of a spec. Its program is looked for where the supervisor would
// find it: a PATH of the command's own is for what it starts.
func newCommand(spec supervision.Spec, args, environ []string) command {
	c := command{argv: args, environ: environment(environ).with(spec.Env), path: environment(environ).lookup("PATH")}
	if spec.OTelIdentity {
		c.environ = c.environ.mergeOTelIdentity(spec.Env)
	}
	if spec.WorkDir == "" {
		return c
	}
	// Of a variable that is not set the name is left, for the error.
	c.workDir = spec.WorkDir
	c.directory = cmp.Or(c.environ.expand(spec.WorkDir), spec.WorkDir)
	if absolute, err := filepath.Abs(c.directory); err == nil {
		c.environ = c.environ.set("PWD", absolute)
	}
	return c
}

// program is the path of the program: as it is stated, where the kernel finds out
// whether there is one, or on PATH, where one that cannot be run is better than none,
// as for the shell.
func (c command) program() (string, error) {
	if strings.Contains(c.argv[0], "/") {
		return c.argv[0], nil
	}
	found := ""
	for _, directory := range filepath.SplitList(c.path) {
		if directory == "" {
			directory = "."
		}
		path := filepath.Join(directory, c.argv[0])
		at := path
		if !filepath.IsAbs(at) {
			at = filepath.Join(c.directory, at)
		}
		info, err := os.Stat(at)
		switch {
		case err != nil || !info.Mode().IsRegular():
		case info.Mode()&0o111 != 0:
			return path, nil
		case found == "":
			found = path
		}
	}
	if found != "" {
		return found, nil
	}
	return "", &fs.PathError{Op: "find", Path: c.argv[0], Err: fs.ErrNotExist}
}

// exec replaces this process by the command, and returns only where it fails.
func (c command) exec() error {
	program, err := c.program()
	if c.directory != "" {
		if err := os.Chdir(c.directory); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	err = syscall.Exec(program, c.argv, c.environ)
	if err == syscall.ENOEXEC {
		err = syscall.Exec(shell, c.script(program).argv, c.environ)
	}
	return &fs.PathError{Op: "run", Path: program, Err: err}
}

// script is what the shell makes of a program that the kernel does not know as one.
func (c command) script(program string) command {
	c.argv = append([]string{shell, program}, c.argv[1:]...)
	return c
}

// standardFiles are a command's standard input, output and error where they are those of
// the supervisor.
var standardFiles = []uintptr{0, 1, 2}

// start starts the command, with these for its standard input, output and error, in a process group of its own. The kernel kills it when the
// thread that has started it ends. Go ends no thread while the program runs, but those
// that a goroutine is locked to, and there are none of these here.
func (c command) start(files []uintptr) (pid int, err error) {
	if c.directory != "" {
		if _, err := os.Stat(c.directory + "/."); err != nil {
			return 0, &fs.PathError{Op: "chdir", Path: c.directory, Err: errors.Unwrap(err)}
		}
	}
	program, err := c.program()
	if err != nil {
		return 0, err
	}
	pid, err = syscall.ForkExec(program, c.argv, &syscall.ProcAttr{
		Dir: c.directory, Env: c.environ, Files: files,
		Sys: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	})
	if err == syscall.ENOEXEC {
		return c.script(program).start(files)
	}
	if err != nil {
		return 0, &fs.PathError{Op: "run", Path: program, Err: err}
	}
	return pid, nil
}

// startStatus is the exit status for a command that cannot be started.
func startStatus(err error) int {
	var unmade renderError
	switch {
	case errors.As(err, &unmade):
		return statusFailed
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return statusNotFound
	default:
		return statusNotExecutable
	}
}

// exitStatus is the shell's for how a process has ended.
func exitStatus(status syscall.WaitStatus) int {
	if status.Signaled() {
		return statusSignal + int(status.Signal())
	}
	return status.ExitStatus()
}

func (e renderError) Error() string {
	return fmt.Sprintf("its variables and files cannot be made from bound services: %s", e.error)
}
