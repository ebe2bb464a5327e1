package cell

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/status"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// lockSuffix is the suffix of a workspace's lock file. A run holds the lock while it runs, so that
// others know; the kernel releases it however the run ends.
const lockSuffix = ".lock"

// Workspace makes a temporary directory, and returns the function that removes it. The first call
// removes the workspaces of killed runs, and ends the processes in them.
func (c *Cell) Workspace(name string) (string, func() error, error) {
	c.clear.Do(c.clearLeft)
	lock, err := c.lockNew(name)
	if err != nil {
		return "", nil, fmt.Errorf("failed to make a place to work in: %w", err)
	}
	directory := strings.TrimSuffix(lock.Name(), lockSuffix)
	remove := func() error {
		err := removeAll(directory)
		return errors.Join(err, os.Remove(lock.Name()), lock.Close())
	}
	if err := os.Mkdir(directory, 0o700); err != nil { // never use an existing one
		return "", nil, errors.Join(fmt.Errorf("failed to make a place to work in: %w", err), os.Remove(lock.Name()), lock.Close())
	}
	// Programs show the real path of their working directory.
	real, err := filepath.EvalSymlinks(directory)
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("failed to make a place to work in: %w", err), remove())
	}
	return real, remove, nil
}

// lockNew makes and locks the lock file of a new workspace. Before it is locked, another run may
// take the workspace for a leftover.
func (c *Cell) lockNew(name string) (*os.File, error) {
	directory, err := filepath.Abs(c.tempDir())
	if err != nil {
		return nil, err
	}
	for range 10 {
		file, err := os.CreateTemp(directory, "sidecar-"+name+"-*"+lockSuffix)
		if err != nil {
			return nil, err
		}
		if lockFile(file) {
			return file, nil
		}
		_ = file.Close()
	}
	return nil, errors.New("other runs remove it again and again")
}

// lockFile locks a file. It returns false if another process has locked it, or if it has been
// removed.
func lockFile(file *os.File) bool {
	if syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return false
	}
	there, err := os.Lstat(file.Name())
	if err != nil {
		return false
	}
	opened, err := file.Stat()
	return err == nil && os.SameFile(there, opened)
}

func (c *Cell) tempDir() string {
	if c.TempDir != "" {
		return c.TempDir
	}
	return os.TempDir()
}

// clearLeft removes the workspaces that this user's killed runs have left. If one cannot be
// removed, the next run tries again.
func (c *Cell) clearLeft() {
	locks, _ := regularfile.Glob(c.tempDir(), "sidecar-*-*"+lockSuffix) // the pattern is well-formed
	for _, path := range locks {
		clearOne(path)
	}
	status.RemoveEnded(c.Environ, c.TempDir)
}

func clearOne(path string) {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); !ok || int(owner.Uid) != os.Getuid() {
		return
	}
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return
	}
	defer file.Close()
	if !lockFile(file) {
		return // its run has not ended
	}
	directory := strings.TrimSuffix(path, lockSuffix)
	if !mayRemove(directory) {
		return
	}
	killIn(directory)
	if err := removeAll(directory); err == nil || errors.Is(err, fs.ErrNotExist) {
		_ = os.Remove(path)
	}
}

// mayRemove returns false if this user does not own the path of a workspace: another user could
// replace it during removal, and so have other files removed.
func mayRemove(directory string) bool {
	info, err := os.Lstat(directory)
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.IsDir() && int(owner.Uid) == os.Getuid()
}

// removeAll removes a directory, also if it contains read-only directories, as Go's module cache
// does, and retries while a process still writes to it.
func removeAll(directory string) error {
	err := os.RemoveAll(directory)
	for tries := 0; err != nil && tries < 5; tries++ {
		time.Sleep(time.Duration(tries) * 20 * time.Millisecond)
		_ = makeWritable(directory) // the next try reports it
		err = os.RemoveAll(directory)
	}
	if err != nil {
		return fmt.Errorf("failed to clean up: %w", err)
	}
	return nil
}

// makeWritable gives the owner all permissions on the directories below one.
func makeWritable(directory string) error {
	return filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return err
	})
}

// MakeTmp makes a directory with the permissions of /tmp.
func MakeTmp(directory string) error {
	err := os.Mkdir(directory, 0o700)
	if err == nil {
		err = os.Chmod(directory, 0o777|os.ModeSticky) // Mkdir applies the umask
	}
	if err != nil {
		return fmt.Errorf("failed to make a temporary directory: %w", err)
	}
	return nil
}
