package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// A Cache holds verified files by their checksums. Several programs may use one
// at a time, and any of them may end at any moment: a file in it is whole, or
// has a name of its own that nobody reads and that the next Prune removes.
type Cache struct {
	// Directory is made when it is needed.
	Directory string
}

// partialPrefix begins the names of files that are being written. Their writers
// hold them locked.
const partialPrefix = ".partial-"

func (c Checksum) fileName() string { return c.algorithm + "-" + c.sum }

func (c *Cache) path(sum Checksum) string { return filepath.Join(c.Directory, sum.fileName()) }

// open opens the file with a checksum, or returns nil. That it is undamaged is
// not known.
func (c *Cache) open(sum Checksum) *os.File {
	if c == nil {
		return nil
	}
	file, err := os.OpenFile(c.path(sum), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		_ = file.Close() // it was only read
		return nil
	}
	return file
}

func (c *Cache) drop(sum Checksum) error {
	if err := os.Remove(c.path(sum)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("failed to remove a damaged file from the cache: %w", err)
	}
	return nil
}

// A kept file is being written into the cache or, where there is none to write
// into, into a directory that goes with what is installed.
type kept struct {
	file  *os.File
	cache *Cache // nil: it is not to be kept
	err   error  // the first one of writing
}

// create makes a file to keep what arrives. Fallback is a directory on the same
// machine.
func (c *Cache) create(fallback string) (*kept, error) {
	if c != nil && os.MkdirAll(c.Directory, 0o755) == nil {
		if file, err := os.CreateTemp(c.Directory, partialPrefix+"*"); err == nil {
			// Unlocked, it might be removed by another program, and no more.
			_ = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
			return &kept{file: file, cache: c}, nil
		}
	}
	file, err := os.CreateTemp(fallback, partialPrefix+"*")
	return &kept{file: file}, err
}

// Write never fails: what cannot be kept can be installed all the same.
func (k *kept) Write(p []byte) (int, error) {
	if k.err == nil {
		_, k.err = k.file.Write(p)
	}
	return len(p), nil
}

// commit gives the file its name in the cache.
func (k *kept) commit(sum Checksum) error {
	if k.cache == nil {
		return nil
	}
	if k.err != nil {
		return k.err
	}
	err := os.Rename(k.file.Name(), k.cache.path(sum))
	if errors.Is(err, syscall.EISDIR) || errors.Is(err, syscall.EEXIST) { // nobody has put a directory there on purpose
		err = errors.Join(os.RemoveAll(k.cache.path(sum)), os.Rename(k.file.Name(), k.cache.path(sum)))
	}
	return err
}

// discard closes the file, and removes it where it has no name in the cache.
func (k *kept) discard() error {
	_ = k.file.Close() // what could not be written is known
	if err := os.Remove(k.file.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("failed to remove an unfinished file: %w", err)
	}
	return nil
}

// Prune removes every file but those with these checksums, and what programs
// have left that were killed.
func (c *Cache) Prune(keep []Checksum) error {
	entries, err := os.ReadDir(c.Directory)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("failed to look through the cache: %w", err)
	}
	var failed []error
	for _, entry := range entries {
		kept := slices.ContainsFunc(keep, func(sum Checksum) bool { return sum.fileName() == entry.Name() })
		path := filepath.Join(c.Directory, entry.Name())
		if kept || strings.HasPrefix(entry.Name(), partialPrefix) && locked(path) {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			failed = append(failed, fmt.Errorf("failed to remove from the cache: %w", err))
		}
	}
	return errors.Join(failed...)
}

// locked tells whether another program holds a file.
func locked(path string) bool {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer file.Close() // it was only opened
	return errors.Is(syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}
