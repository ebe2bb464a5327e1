package dryrun

import (
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// A listing describes each entry below a directory, by its path.
type listing map[string]string

// neverStaged are directories of a checkout that stagings never see.
var neverStaged = []string{".git", ".hg", ".svn", ".sidecar"}

// list lists a directory, whose content is untrusted, without following links.
func list(directory string) (listing, error) {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	files := regularfile.FS(root)
	found := listing{}
	err = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if slices.Contains(neverStaged, name) && entry != nil && entry.IsDir() {
			return fs.SkipDir
		}
		if err != nil || name == "." || slices.Contains(neverStaged, name) {
			return nil // unreadable entries are left out
		}
		found[name] = describe(root, name)
		return nil
	})
	return found, err
}

// describe describes an entry, so that changes of it are visible.
func describe(root *os.Root, name string) string {
	info, err := root.Lstat(name)
	switch {
	case err != nil:
		return "unreadable"
	case info.IsDir():
		return "directory"
	case info.Mode()&fs.ModeSymlink != 0:
		target, _ := root.Readlink(name) // it existed just now
		return "link to " + target
	case !info.Mode().IsRegular():
		return "special file"
	}
	return fmt.Sprintf("file, executable: %t, sha256: %s", info.Mode()&0o100 != 0, hashOf(root, name))
}

func hashOf(root *os.Root, name string) string {
	file, err := regularfile.OpenIn(root, name)
	if err != nil {
		return "unreadable"
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "unreadable"
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// changes returns how two listings differ, by path. A new directory includes its content.
func (l listing) changes(now listing) map[string]string {
	found := map[string]string{}
	for name, what := range now {
		switch before, ok := l[name]; {
		case !ok && now[parent(name)] == "directory" && l[parent(name)] == "" && parent(name) != "":
		case !ok:
			found[name] = "made"
		case before != what:
			found[name] = "changed"
		}
	}
	for name := range l {
		if _, ok := now[name]; !ok {
			if _, there := now[parent(name)]; there || parent(name) == "" {
				found[name] = "removed"
			}
		}
	}
	return found
}

func parent(name string) string {
	if at := strings.LastIndexByte(name, '/'); at >= 0 {
		return name[:at]
	}
	return ""
}

// sorted returns the first paths of changes, and the number of the others.
func sorted(changes map[string]string, most int) (names []string, more int) {
	names = slices.Sorted(maps.Keys(changes))
	if len(names) > most {
		return names[:most], len(names) - most
	}
	return names, 0
}
