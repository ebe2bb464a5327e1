package dryrun

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

const cacheDirectory = "cache"

// searchTree finds secrets in files below one of a staging's directories.
func (r *run) searchTree(tmp, name, id string, s *staged) {
	root, err := os.OpenRoot(filepath.Join(tmp, name))
	if err != nil {
		return
	}
	defer root.Close()
	files := regularfile.FS(root)
	_ = fs.WalkDir(files, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil // only regular files have content
		}
		shown := path.Join(name, file)
		if _, rest, ok := strings.Cut(file, "/"); ok && name == cacheDirectory {
			shown = path.Join(name, rest) // each buildpack has its own cache directory, with another name in each position
		}
		if secret := r.secretIn(root, file); secret != "" && !r.into.Has(id, shown) {
			r.into.Add(id, finding.Finding{File: shown, Written: true, Staging: s.name, Found: secret})
		}
		return nil
	})
}

// secretIn returns the first secret in a file, or "".
func (r *run) secretIn(root *os.Root, name string) (found string) {
	file, err := regularfile.OpenIn(root, name)
	if err != nil {
		return ""
	}
	defer file.Close()
	_ = search(file, r.secrets.maxLength(), func(part []byte) { // unreadable files are skipped
		if all := r.secrets.in(part); found == "" && len(all) > 0 {
			found = all[0]
		}
	})
	return found
}
