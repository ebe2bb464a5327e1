package install

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// Executable copies an executable file, and makes the target's directory. It replaces an existing
// file by a rename, so that a process that runs it is not disturbed.
func Executable(source, destination string) (err error) {
	from, err := regularfile.Open(source)
	if err != nil {
		return fmt.Errorf("failed to open program: %w", err)
	}
	defer from.Close()

	directory := filepath.Dir(destination)
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return fmt.Errorf("failed to make directory: %w", err)
	}
	to, err := os.CreateTemp(directory, ".program-*")
	if err != nil {
		return fmt.Errorf("failed to create program: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(to.Name()))
		}
	}()
	_, err = io.Copy(to, from)
	if err = errors.Join(err, to.Chmod(0o755), to.Close()); err != nil {
		return fmt.Errorf("failed to copy program: %w", err)
	}
	if err = os.Rename(to.Name(), destination); err != nil {
		return fmt.Errorf("failed to place program: %w", err)
	}
	return nil
}

// LinkExecutable gives an executable file a second name with a hard link: whichever name it is
// called by, the program finds itself there. It makes the directory of that name, and replaces an
// existing file.
func LinkExecutable(existing, name string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("failed to make directory: %w", err)
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("failed to replace program: %w", err)
	}
	if err := os.Link(existing, name); err != nil {
		return fmt.Errorf("failed to link program: %w", err)
	}
	return nil
}
