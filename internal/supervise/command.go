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

// A renderError says why a command's variables and files could not be made.
type renderError struct{ error }

const shell = "/bin/bash"

// A command says what to run, and how.
type command struct {
	argv      []string
	environ   environment
	path      string // where programs are searched for
	directory string // empty: the current directory
	// workDir is the directory as the user wrote it. Messages quote it instead of directory, which
	// may contain the value of a variable, and so a secret.
	workDir string
}

// newCommand makes the command of a spec. Its program is looked up in the supervisor's PATH: a PATH
// of the command's own applies to what the command starts.
func newCommand(spec supervision.Spec, args, environ []string) command {
	c := command{argv: args, environ: environment(environ).with(spec.Env), path: environment(environ).lookup("PATH")}
	if spec.OTelIdentity {
		c.environ = c.environ.mergeOTelIdentity(spec.Env)
	}
	if spec.WorkDir == "" {
		return c
	}
	// An unset variable stays in the path by name, for the error.
	c.workDir = spec.WorkDir
	c.directory = cmp.Or(c.environ.expand(spec.WorkDir), spec.WorkDir)
	if absolute, err := filepath.Abs(c.directory); err == nil {
		c.environ = c.environ.set("PWD", absolute)
	}
	return c
}

// program returns the path of the program: as written if it contains a slash (the kernel will tell
// whether it exists), or else from PATH, where, as in the shell, a file that cannot be run is
// better than none.
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

// exec replaces this process with the command. It only returns if it fails.
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

// script runs with the shell a program whose format the kernel does not know.
func (c command) script(program string) command {
	c.argv = append([]string{shell, program}, c.argv[1:]...)
	return c
}

// standardFiles are the supervisor's own standard input, output and error.
var standardFiles = []uintptr{0, 1, 2}

// start starts the command in a process group of its own, with files as its standard input, output
// and error. The kernel kills it when the thread that started it ends. While a program runs, Go
// only ends threads that a goroutine is locked to, and this program has none.
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

// startStatus returns the exit status for a command that could not be started.
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

// exitStatus converts the way in which a process has ended to the shell's exit status.
func exitStatus(status syscall.WaitStatus) int {
	if status.Signaled() {
		return statusSignal + int(status.Signal())
	}
	return status.ExitStatus()
}

func (e renderError) Error() string {
	return fmt.Sprintf("its variables and files cannot be made from bound services: %s", e.error)
}
