package supervision

import (
	"errors"
	"io/fs"
	"os"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

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
