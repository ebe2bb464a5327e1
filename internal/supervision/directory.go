package supervision

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// FilesVariable is the variable in a command's environment that contains the directory of
// FilesPath.
const FilesVariable = "SIDECAR_FILES"

// FilesPath returns the directory for files made before a command starts. The command is that of
// the i-th of the specs below directory.
func FilesPath(directory string, i int) string {
	return filepath.Join(directory, RunDirectory, "files", strconv.Itoa(i))
}

// MakeRunDirectory makes the directory at a path, and rejects anything else in its place: with a
// link, a droplet or another buildpack could choose where files are written.
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
