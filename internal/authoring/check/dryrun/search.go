package dryrun

import (
	"archive/tar"
	"compress/gzip"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/droplets"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

const (
	cacheDirectory = "cache"
	appDirectory   = "app"
)

// searchTree finds secrets in files below one of a staging's directories.
func (r *run) searchTree(tmp, name, id string, s *staged) {
	root, err := os.OpenRoot(filepath.Join(tmp, name))
	if err != nil {
		return
	}
	defer root.Close()
	files := regularfile.FS(root)
	_ = fs.WalkDir(files, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || file == "." || name == appDirectory && r.baseline[file] != "" && r.baseline[file] == describe(root, file) {
			return nil // the app's own files may contain anything
		}
		shown := path.Join(name, file)
		if _, rest, ok := strings.Cut(file, "/"); ok && name == cacheDirectory {
			shown = path.Join(name, rest) // each buildpack has its own cache directory, with another name in each position
		}
		if secret := r.secretOf(root, file, entry); secret != "" {
			r.addSecret(id, shown, secret, s)
		}
		return nil
	})
}

func (r *run) addSecret(id, file, secret string, s *staged) {
	if file = r.secrets.mask(file); !r.into.Has(id, file) {
		r.into.Add(id, finding.Finding{File: file, Written: true, Staging: s.name, Found: secret})
	}
}

// searchDroplet finds a secret in what all phases of a staging have written, in the droplet itself.
func (r *run) searchDroplet(tmp string, s *staged) {
	file, err := regularfile.Open(droplets.Droplet(filepath.Join(tmp, "output")).Archive())
	if err != nil {
		return // the failed staging is reported elsewhere
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return
	}
	archive := tar.NewReader(unzipped)
	for {
		header, err := archive.Next()
		if err != nil {
			return
		}
		name := path.Clean(header.Name)
		if rest, ok := strings.CutPrefix(name, appDirectory+"/"); ok && r.baseline[rest] != "" {
			continue // the app's own file
		}
		secret := r.secrets.inName(path.Base(name) + " " + header.Linkname)
		if secret == "" && header.Typeflag == tar.TypeReg {
			secret = where(r.secrets.content().in(archive, 0))
		}
		if secret != "" {
			r.addSecret(finding.SecretDroplet, name, secret, s)
			return // finalize copies files
		}
	}
}

// secretOf returns the first secret in a file's name, in the target of a link, or in the content of
// a regular file; "" if there is none.
func (r *run) secretOf(root *os.Root, name string, entry fs.DirEntry) string {
	if secret := r.secrets.inName(path.Base(name)); secret != "" {
		return secret + ", in the name"
	}
	if entry.Type()&fs.ModeSymlink != 0 {
		target, _ := root.Readlink(name) // one that has gone has none
		return r.secrets.inName(target)
	}
	if !entry.Type().IsRegular() {
		return ""
	}
	file, err := regularfile.OpenIn(root, name)
	if err != nil {
		return ""
	}
	defer file.Close()
	return where(r.secrets.content().in(file, 0))
}

// where describes a secret that may be in an entry of an archive.
func where(secret, entry string) string {
	if secret == "" || entry == "" {
		return secret
	}
	return secret + ", in its entry " + strconv.Quote(entry)
}
