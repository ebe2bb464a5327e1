// Package packaged checks the files of a buildpack as they are, without running any: modes, links and
// scripts, what buildpack-packager reads, and the catalog.
package packaged

import (
	"os"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// Check checks the files below a directory.
func Check(directory string, into *finding.List) error {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return err
	}
	defer root.Close()
	b := &Buildpack{FS: regularfile.FS(root), into: into, each: map[string]int{}}
	b.checkFiles()
	b.checkPrograms()
	m := b.checkManifest()
	b.checkCatalog(m)
	return nil
}
