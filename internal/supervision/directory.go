package supervision

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// FilesVariable is the variable of a command's environment with the directory of FilesPath.
const FilesVariable = "SIDECAR_FILES"

// FilesPath is the directory of the files that are made for the i-th of the specs below
// directory, before its command starts.
func FilesPath(directory string, i int) string {
	return filepath.Join(directory, RunDirectory, "files", strconv.Itoa(i))
}

// MakeRunDirectory makes the directory at a path, and refuses whatever else is in its
// place: by a link, a droplet or a neighbor would choose where is written.
func MakeRunDirectory(path string) error {
	err := regularfile.CheckDirectory(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	return regularfile.CheckDirectory(path)
}
