package testmain

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// guardVariable marks the process with the tests. Its value is the process ID of its parent, the
// guard.
const guardVariable = "TESTMAIN_GUARD"

// killPause is the time for killed processes to end, before those that they have started meanwhile
// are killed.
const killPause = 10 * time.Millisecond

// guard runs this program again, with the tests, and returns its exit status after all of its
// descendants have ended. Processes that the tests leave have this time to end by themselves.
func guard(leave time.Duration) (status int, err error) {
	if err := adopt(); err != nil {
		return 0, err
	}
	directory, err := newTempDir()
	if err != nil {
		return 0, err
	}
	defer func() {
		if failed := remove(directory); err == nil {
			err = failed
		}
	}()
	if err := errors.Join(os.Setenv("TMPDIR", directory), os.Unsetenv("XDG_RUNTIME_DIR")); err != nil {
		return 0, err
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM)
	tests, alive, err := start()
	if err != nil {
		return 0, err
	}
	defer alive.Close()

	ended, gone := reap(tests.Pid)
	parent := watchParent()
	for {
		select {
		case received := <-signals:
			_ = tests.Signal(received) // they may have just ended
		case <-parent:
			_ = tests.Kill()
			parent = nil
		case found := <-ended:
			return clear(found, gone, leave), nil
		}
	}
}

// adopt makes this process the parent of all orphans among its descendants.
func adopt() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("failed to become a subreaper: %w", err)
	}
	return nil
}

// newTempDir makes the TMPDIR of the tests, which other users can enter like the system's. It is
// not below /tmp, since a container has its own /tmp and would not see it.
func newTempDir() (string, error) {
	system := os.TempDir()
	if strings.HasPrefix(system+"/", "/tmp/") {
		system = "/var/tmp"
	}
	directory, err := os.MkdirTemp(system, "test")
	if err != nil {
		return "", err
	}
	return directory, os.Chmod(directory, 0o755)
}

// remove removes a directory with everything that the tests may have left there, including
// read-only directories.
func remove(directory string) error {
	_ = filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.IsDir() {
			_ = os.Chmod(path, 0o700)
		}
		return nil
	})
	return os.RemoveAll(directory)
}

// start starts the process with the tests. That process ends when the returned file is closed, also
// because this process ends.
func start() (*os.Process, *os.File, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	watched, alive, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	defer watched.Close()
	tests, err := os.StartProcess(program, os.Args, &os.ProcAttr{
		Env:   append(os.Environ(), fmt.Sprintf("%s=%d", guardVariable, os.Getpid())),
		Files: []*os.File{os.Stdin, os.Stdout, os.Stderr, watched},
	})
	return tests, alive, err
}

// reap waits for every child of this process, including adopted ones. It sends the status of the
// child with this process ID, and closes gone when there are no children left.
func reap(pid int) (ended chan syscall.WaitStatus, gone chan struct{}) {
	ended, gone = make(chan syscall.WaitStatus, 1), make(chan struct{})
	go func() {
		defer close(gone)
		for {
			var status syscall.WaitStatus
			found, err := syscall.Wait4(-1, &status, 0, nil)
			switch {
			case err == syscall.EINTR:
			case err != nil:
				return // there are no children
			case found == pid:
				ended <- status
			}
		}
	}()
	return ended, gone
}

// watchParent returns a channel that is closed when the go command that has started this program
// ends. If the parent is another program, such as a shell, this program may outlive it.
func watchParent() <-chan struct{} {
	ended := make(chan struct{})
	parent := os.Getppid()
	file, err := unix.PidfdOpen(parent, 0)
	if err != nil || nameOf(parent) != "go" {
		return ended
	}
	go func() {
		defer close(ended)
		for {
			if _, err := unix.Poll([]unix.PollFd{{Fd: int32(file), Events: unix.POLLIN}}, -1); err != unix.EINTR {
				return
			}
		}
	}()
	return ended
}

// clear ends the processes that the tests have left, and returns the exit status.
func clear(ended syscall.WaitStatus, gone <-chan struct{}, leave time.Duration) int {
	status := ended.ExitStatus()
	if ended.Signaled() {
		status = 128 + int(ended.Signal())
	}
	if status == 0 || status == 1 { // not after a panic, which skips cleanup
		select {
		case <-gone:
		case <-time.After(leave):
			for _, one := range descendants() {
				fmt.Fprintf(os.Stderr, "left behind by the tests: process %d, %s\n", one, commandOf(one))
			}
			status = 1
		}
	}
	for {
		kill()
		select {
		case <-gone:
			return status
		case <-time.After(killPause):
		}
	}
}
