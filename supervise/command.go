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
	environ   environment
	directory string // empty: here
}

// newCommand is that of a spec. A single argument that is no program is a line for
// the shell, unless it is but a program's path and plain words, of which the shell
// would make the same.
func newCommand(spec Spec, args, environ []string) command {
	c := command{argv: args, environ: environment(environ).with(spec.Env)}
	c.directory = c.environ.expand(spec.Directory)
	if _, err := c.find(); len(args) == 1 && err != nil {
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
// or on PATH.
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
	for _, directory := range filepath.SplitList(c.environ.lookup("PATH")) {
		if directory == "" {
			directory = "."
		}
		path := filepath.Join(directory, c.argv[0])
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", &fs.PathError{Op: "find", Path: c.argv[0], Err: fs.ErrNotExist}
}

// become replaces this process by the command, and returns only where it fails.
func (c command) become() error {
	if c.directory != "" {
		if err := os.Chdir(c.directory); err != nil {
			return err
		}
	}
	program, err := c.program()
	if err != nil {
		return err
	}
	return &fs.PathError{Op: "run", Path: program, Err: syscall.Exec(program, c.argv, c.environ)}
}

// start starts the command in a process group of its own. It ends with the thread
// that has started it, if that ends without having ended it.
func (c command) start() (pid int, err error) {
	if c.directory != "" {
		if _, err := os.Stat(c.directory); err != nil {
			return 0, err
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
	if path.Op == "stat" || path.Op == "chdir" {
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
