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

// lockSuffix is appended to a workspace's name in the name of its lock file. A run holds
// the lock while it goes on, which tells others so; the kernel releases it however the run
// ends.
const lockSuffix = ".lock"

// Workspace makes a temporary directory and the function that removes it. The first one
// removes what runs that were killed have left, and ends what they have left running.
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
	if err := os.Mkdir(directory, 0o700); err != nil { // an existing one is not ours
		return "", nil, errors.Join(fmt.Errorf("failed to make a place to work in: %w", err), os.Remove(lock.Name()), lock.Close())
	}
	// Programs that run there have another working directory, and show the real path.
	real, err := filepath.EvalSymlinks(directory)
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("failed to make a place to work in: %w", err), remove())
	}
	return real, remove, nil
}

// lockNew makes and locks the file of a new workspace. Another run may take one for left
// over until it is locked.
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

// lockFile locks a file, and is false if another process has locked it, or it has been removed.
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

// clearLeft removes the workspaces of this user's runs that have ended without doing so.
// The next run tries again if one cannot be removed.
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
		return // its run goes on
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

// mayRemove is false where something is in the place of a workspace that this user has not
// made: whoever can write there could change it while it is removed, and have what is
// elsewhere changed with it.
func mayRemove(directory string) bool {
	info, err := os.Lstat(directory)
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.IsDir() && int(owner.Uid) == os.Getuid()
}

// removeAll also removes directories that were made read-only, as Go's module
// cache is, and tries again where something is still writing.
func removeAll(directory string) error {
	err := os.RemoveAll(directory)
	for tries := 0; err != nil && tries < 5; tries++ {
		time.Sleep(time.Duration(tries) * 20 * time.Millisecond)
		_ = makeWritable(directory) // the next try tells
		err = os.RemoveAll(directory)
	}
	if err != nil {
		return fmt.Errorf("failed to clean up: %w", err)
	}
	return nil
}

// makeWritable gives the owner all rights to the directories below one.
func makeWritable(directory string) error {
	return filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return err
	})
}

// MakeTmp makes a directory as /tmp is: of everybody, each to their own.
func MakeTmp(directory string) error {
	err := os.Mkdir(directory, 0o700)
	if err == nil {
		err = os.Chmod(directory, 0o777|os.ModeSticky) // whatever the umask is
	}
	if err != nil {
		return fmt.Errorf("failed to make a temporary directory: %w", err)
	}
	return nil
}
