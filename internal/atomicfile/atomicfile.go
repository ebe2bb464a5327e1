// Package atomicfile writes files atomically: it writes a new file next to the old one, and renames
// it.
package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Write writes a file with the permissions of mode, independent of the umask, and replaces an
// existing file. It replaces a symbolic link instead of following it. If it fails, the old file is
// unchanged, and no new file is left in the directory. The error is a *fs.PathError or an
// *os.LinkError, or several of them joined.
func Write(path string, content []byte, mode fs.FileMode) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	_, err = file.Write(content)
	if err = errors.Join(err, file.Chmod(mode), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
