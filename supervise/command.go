//go:build linux

package supervise

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Exit statuses, which are the shell's.
const (
	statusFailed        = 1   // what the supervisor itself could not do, or gave up
	statusUsage         = 2   // it was called wrongly
	statusNotExecutable = 126 // what was found cannot be run
	statusNotFound      = 127
	statusSignal        = 128 // and the signal's number
)

const shell = "/bin/bash"

// A command is what is to run, and how.
type command struct {
	argv      []string
	line      bool // what it is was told in one: it may be a script without #!
	environ   environment
	directory string // empty: here
}

// newCommand is that of a spec. A single argument that is no program is a line for
// the shell, unless it is but a program's path and plain words, of which the shell
// would make the same.
func newCommand(spec Spec, args, environ []string) command {
	c := command{argv: args, line: len(args) == 1, environ: environment(environ).with(spec.Env)}
	c.directory = c.environ.expand(spec.Directory)
	if _, err := c.find(); c.line && err != nil {
		c.argv = []string{shell, "-c", args[0]}
		if words := strings.Fields(args[0]); isPlain(args[0]) && len(words) > 0 && strings.Contains(words[0], "/") {
			c.argv = words
		}
	}
	if c.directory != "" {
		if absolute, err := filepath.Abs(c.directory); err == nil {
			c.environ = c.environ.set("PWD", absolute)
		}
	}
	return c
}

// isPlain tells a line in which nothing is special to the shell.
func isPlain(line string) bool {
	first, _, _ := strings.Cut(strings.TrimLeft(line, " "), " ")
	return !strings.Contains(first, "=") && strings.IndexFunc(line, func(char rune) bool {
		return !(char >= 'a' && char <= 'z' || char >= 'A' && char <= 'Z' || char >= '0' && char <= '9' || strings.ContainsRune(" _./:@%+=,-", char))
	}) < 0
}

// program is the path of the program. Whether there is one at a path that is stated
// is left to the kernel to find out.
func (c command) program() (string, error) {
	if strings.Contains(c.argv[0], "/") {
		return c.argv[0], nil
	}
	return c.find()
}

// find looks for the program where it is, below the directory that it is to run in,
// or on PATH, where one that cannot be run is better than none, as for the shell.
func (c command) find() (string, error) {
	if path := c.argv[0]; strings.Contains(path, "/") {
		if !filepath.IsAbs(path) {
			path = filepath.Join(c.directory, path)
		}
		if _, err := os.Stat(path); err != nil {
			return "", err
		}
		return path, nil
	}
	found := ""
	for _, directory := range filepath.SplitList(c.environ.lookup("PATH")) {
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

// become replaces this process by the command, and returns only where it fails.
func (c command) become() error {
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
	if err == syscall.ENOEXEC && c.line {
		err = syscall.Exec(shell, c.script(program).argv, c.environ)
	}
	return &fs.PathError{Op: "run", Path: program, Err: err}
}

// script is what the shell makes of a program that the kernel does not know as one.
func (c command) script(program string) command {
	c.argv, c.line = append([]string{shell, program}, c.argv[1:]...), false
	return c
}

// start starts the command in a process group of its own. The kernel kills it when the
// thread that has started it ends. Go ends no thread while the program runs, but those
// that a goroutine is locked to, and there are none of these here.
func (c command) start() (pid int, err error) {
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
		Dir: c.directory, Env: c.environ, Files: []uintptr{0, 1, 2},
		Sys: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	})
	if err == syscall.ENOEXEC && c.line {
		return c.script(program).start()
	}
	if err != nil {
		return 0, &fs.PathError{Op: "run", Path: program, Err: err}
	}
	return pid, nil
}

// startStatus is the exit status for a command that cannot be started.
func startStatus(err error) int {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return statusNotFound
	default:
		return statusNotExecutable
	}
}

// explain says why a command cannot be started.
func explain(err error) string {
	var path *fs.PathError
	if !errors.As(err, &path) {
		return err.Error()
	}
	if path.Op == "chdir" {
		return fmt.Sprintf("the directory %s cannot be entered: %s", path.Path, path.Err)
	}
	if errors.Is(err, syscall.ENOEXEC) {
		return path.Path + " is neither a program nor a script with #! in its first line"
	}
	return fmt.Sprintf("%s cannot be run: %s", path.Path, path.Err)
}

// exitStatus is the shell's for how a process has ended.
func exitStatus(status syscall.WaitStatus) int {
	if status.Signaled() {
		return statusSignal + int(status.Signal())
	}
	return status.ExitStatus()
}
