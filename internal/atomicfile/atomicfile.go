// Package atomicfile writes files that are there whole or not at all: a new one is
// written next to the place of the old one and then renamed.
package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Write writes a file with the permissions of mode, whatever the umask, and replaces
// an existing file. It replaces a symbolic link, and does not follow it. Where
// it fails, the old file is as it was, and nothing new is left in the directory. The
// error is a *fs.PathError or an *os.LinkError, or several of them joined.
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
