// Package packaged checks a buildpack's files without running any: modes, links and scripts, what
// buildpack-packager reads, and the catalog.
package packaged

import (
	"os"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// Check checks the files below a directory. unbuilt says why the buildpack's programs must be built
// before it can be staged; nil if it can be staged as it is.
func Check(directory string, into *finding.List) (unbuilt *finding.Finding, err error) {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	b := &Buildpack{FS: regularfile.FS(root), into: into, each: map[string]int{}}
	b.checkFiles()
	b.checkPrograms()
	m := b.checkManifest()
	b.checkCatalog(m)
	return b.checkSupply(m), nil
}
