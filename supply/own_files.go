package supply

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// OpenBuildpack opens the directory with the buildpack's own files, such as its buildpack.toml. If
// the buildpack runs from source, its root only has links to the files that are always needed, and
// a link that leads out of a root is never followed.
func OpenBuildpack(directory string) (*os.Root, error) {
	const description = "buildpack.toml"
	described, err := filepath.EvalSymlinks(filepath.Join(directory, description))
	if errors.Is(err, fs.ErrNotExist) {
		return os.OpenRoot(directory)
	}
	if err != nil {
		return nil, regularfile.Unread(description, err)
	}
	return os.OpenRoot(filepath.Dir(described))
}
