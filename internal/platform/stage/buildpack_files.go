package stage

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/files"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// BuildpackFiles are a buildpack's files from its root on, as staging would unpack them: if an
// archive only has one directory, that is the root. The caller must close it.
type BuildpackFiles struct {
	fs.FS
	close func() error
}

// Close closes the directory or the archive.
func (b BuildpackFiles) Close() error { return b.close() }

// OpenBuildpack opens a buildpack in a directory or a zip, without copying it. If this machine has
// nothing of that name, as for a URL, the error is fs.ErrNotExist.
func OpenBuildpack(path string) (BuildpackFiles, error) {
	info, err := os.Stat(path)
	if err != nil {
		return BuildpackFiles{}, fmt.Errorf("failed to find the buildpack: %w: %w", fs.ErrNotExist, err)
	}
	var found BuildpackFiles
	if info.IsDir() {
		root, err := os.OpenRoot(path)
		if err != nil {
			return found, fmt.Errorf("failed to open the buildpack: %w", err)
		}
		found = BuildpackFiles{regularfile.FS(root), root.Close}
	} else {
		archive, err := files.OpenZip(path)
		if err != nil {
			return found, fmt.Errorf("failed to open the buildpack: %w", err)
		}
		found = BuildpackFiles{archive, archive.Close}
	}
	if _, err := fs.Stat(found.FS, "bin"); err == nil {
		return found, nil
	}
	if entries, err := fs.ReadDir(found.FS, "."); err == nil && len(entries) == 1 && entries[0].IsDir() {
		if found.FS, err = fs.Sub(found.FS, entries[0].Name()); err != nil {
			_ = found.close() // it was only read
			return found, fmt.Errorf("failed to open the buildpack: %w", err)
		}
	}
	return found, nil
}
