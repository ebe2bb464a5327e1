package install

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// A Cache holds verified files by their checksums. Several programs may use it at once, and any of
// them may end at any moment: a file in it is complete, or has a temporary name that no reader uses
// and that the next Prune removes.
//
// Its content is not trusted: an earlier buildpack may have written it, or whoever made the cache
// that a staging starts with. Whatever is not a directory in its place is removed, and writing and
// removing never follow a link.
type Cache struct {
	// Directory is created when needed. Its parent directory must not be a symbolic link, or the
	// cache is not used.
	Directory string
}

// partialPrefix begins the names of files that are still being written. Their writers hold a lock
// on them.
const partialPrefix = ".partial-"

func (c Checksum) fileName() string { return c.algorithm + "-" + c.sum }

// root opens the directory, and creates it if needed.
func (c *Cache) root() (*os.Root, error) {
	parent, err := regularfile.OpenDirectory(filepath.Dir(c.Directory))
	if err != nil {
		return nil, err
	}
	defer parent.Close() // nothing was written through it
	name := filepath.Base(c.Directory)
	root, err := regularfile.OpenDirectoryIn(parent, name)
	var other *regularfile.Error
	if errors.As(err, &other) {
		if err = parent.Remove(name); err == nil {
			root, err = regularfile.MakeDirectoryIn(parent, name)
		}
	}
	return root, err
}

// make is root, but creates the directory if it does not exist.
func (c *Cache) make() (*os.Root, error) {
	root, err := c.root()
	if !errors.Is(err, fs.ErrNotExist) {
		return root, err
	}
	if err := os.MkdirAll(c.Directory, 0o755); err != nil {
		return nil, err
	}
	return c.root()
}

// open opens the file with a checksum, or returns nil. The file may be damaged.
func (c *Cache) open(sum Checksum) *os.File {
	if c == nil {
		return nil
	}
	root, err := c.root()
	if err != nil {
		return nil
	}
	defer root.Close() // nothing was written through it
	file, err := regularfile.OpenIn(root, sum.fileName())
	if err != nil {
		return nil
	}
	return file
}

func (c *Cache) drop(sum Checksum) error {
	root, err := c.root()
	if err == nil {
		defer root.Close()
		err = root.Remove(sum.fileName())
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("failed to remove a damaged file from the cache: %w", err)
	}
	return nil
}

// A partialFile is a file that is being written to the cache or, if there is no usable cache, to a
// directory that is removed with the installation.
type partialFile struct {
	file  *os.File
	cache *os.Root // contains the file; nil if it is not kept
	name  string   // in the cache
	err   error    // the first error of writing
}

// create makes a file for what arrives. fallback is a directory on the same machine.
func (c *Cache) create(fallback string) (*partialFile, error) {
	if c != nil {
		if root, err := c.make(); err == nil {
			name := partialPrefix + rand.Text()
			if file, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err == nil {
				// Without the lock, the worst case is that another program removes it.
				_ = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
				return &partialFile{file: file, cache: root, name: name}, nil
			}
			_ = root.Close() // nothing was written
		}
	}
	file, err := os.CreateTemp(fallback, partialPrefix+"*")
	return &partialFile{file: file}, err
}

// Write never fails: a file that cannot be kept can still be installed.
func (k *partialFile) Write(p []byte) (int, error) {
	if k.err == nil {
		_, k.err = k.file.Write(p)
	}
	return len(p), nil
}

// commit renames the file to its name in the cache.
func (k *partialFile) commit(sum Checksum) error {
	if k.cache == nil {
		return nil
	}
	if k.err != nil {
		return k.err
	}
	err := k.cache.Rename(k.name, sum.fileName())
	if errors.Is(err, syscall.EISDIR) || errors.Is(err, syscall.EEXIST) { // a directory has that name by mistake
		err = errors.Join(k.cache.RemoveAll(sum.fileName()), k.cache.Rename(k.name, sum.fileName()))
	}
	return err
}

// discard closes the file, and removes it unless it has been committed.
func (k *partialFile) discard() error {
	_ = k.file.Close() // an error of writing is already known
	var err error
	if k.cache == nil {
		err = os.Remove(k.file.Name())
	} else {
		err = k.cache.Remove(k.name)
		_ = k.cache.Close() // nothing is written through it
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("failed to remove an unfinished file: %w", err)
	}
	return nil
}

// Prune removes every file except those with these checksums, including files left by programs that
// were killed.
func (c *Cache) Prune(keep []Checksum) error {
	root, err := c.root()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("failed to open the cache: %w", err)
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return fmt.Errorf("failed to look through the cache: %w", err)
	}
	var failed []error
	for _, entry := range entries {
		inUse := slices.ContainsFunc(keep, func(sum Checksum) bool { return sum.fileName() == entry.Name() })
		if inUse || strings.HasPrefix(entry.Name(), partialPrefix) && locked(root, entry.Name()) {
			continue
		}
		if err := root.RemoveAll(entry.Name()); err != nil {
			failed = append(failed, fmt.Errorf("failed to remove from the cache: %w", err))
		}
	}
	return errors.Join(failed...)
}

// locked reports whether another program holds a lock on a file.
func locked(root *os.Root, name string) bool {
	file, err := regularfile.OpenIn(root, name)
	if err != nil {
		return false
	}
	defer file.Close() // it was only opened
	return errors.Is(syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}
