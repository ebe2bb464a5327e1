package standin

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// maxRead is the maximum size of a file that describes an app, in bytes.
const maxRead = 16 << 20

func (a App) has(names ...string) bool {
	for _, name := range names {
		if _, err := fs.Stat(a.Files, name); err == nil {
			return true
		}
	}
	return false
}

func (a App) isDir(name string) bool {
	info, err := fs.Stat(a.Files, name)
	return err == nil && info.IsDir()
}

// matches returns the files that match a pattern, in alphabetical order.
func (a App) matches(patterns ...string) []string {
	var found []string
	for _, pattern := range patterns {
		more, err := fs.Glob(a.Files, pattern)
		if err == nil {
			// A directory may list files that are never pushed.
			found = append(found, slices.DeleteFunc(more, func(name string) bool { return !a.has(name) })...)
		}
	}
	return found
}

// contains reports whether there is a file with one of these extensions, at most depth directories
// deep.
func (a App) contains(depth int, extensions ...string) bool {
	found := false
	_ = fs.WalkDir(a.Files, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil // unreadable directories are skipped
		case entry.IsDir() && name != "." && strings.Count(name, "/") >= depth-1:
			return fs.SkipDir
		case entry.IsDir():
			return nil
		}
		for _, extension := range extensions {
			if path.Ext(name) == extension && a.has(name) {
				found = true
				return fs.SkipAll
			}
		}
		return nil
	})
	return found
}

// read returns the content of a file, or "" if it cannot be read.
func (a App) read(name string) string {
	content, err := regularfile.ReadFS(a.Files, name, maxRead)
	if err != nil {
		return ""
	}
	return string(content)
}

// readInJar returns the content of a file in an archive of the app, or "".
func (a App) readInJar(jar, name string) string {
	packed, err := regularfile.ReadFS(a.Files, jar, maxJar)
	if err != nil {
		return ""
	}
	archive, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return ""
	}
	file, err := archive.Open(name)
	if err != nil {
		return ""
	}
	defer file.Close() // it was only read
	content, err := io.ReadAll(io.LimitReader(file, maxRead))
	if err != nil {
		return ""
	}
	return string(content)
}

// maxJar is the maximum size of an archive in an app, in bytes: that of an app.
const maxJar = 1 << 30
