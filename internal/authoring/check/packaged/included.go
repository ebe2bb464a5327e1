package packaged

import (
	"io/fs"
	"os"
	"path"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// Included returns the files that buildpack-packager puts into a package of a buildpack, and the
// line of the list in manifest.yml. It returns none if the directory is a package itself, or if
// files are yet to be made.
func Included(directory string) (files []string, line int) {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return nil, 0
	}
	defer root.Close()
	b := &Buildpack{FS: regularfile.FS(root)}
	content, err := regularfile.ReadFS(b.FS, manifestFile, maxText)
	var m manifest
	if err != nil || yaml.Unmarshal(content, &m) != nil || m.isPackage() || m.PrePackage.Value != "" {
		return nil, 0
	}
	for _, file := range m.IncludeFiles {
		name := path.Clean(file.Value)
		if info, err := fs.Stat(b.FS, name); err == nil && info.Mode().IsRegular() {
			files = append(files, name)
		} else if name != versionFile {
			return nil, 0
		}
	}
	if len(files) == 0 {
		return nil, 0
	}
	return files, m.IncludeFiles[0].Line
}
