package render

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

const privateDirectory = 0o700

// writeFiles makes these files the only ones in a directory below base: with mode 0600, each
// written atomically, in directories with mode 0700. It removes or rejects links below base, which
// any process in the container may have planted, and never follows them.
func writeFiles(base, directory string, files []Rendered) (err error) {
	relative, err := filepath.Rel(base, directory)
	if err != nil || !filepath.IsLocal(relative) || relative == "." {
		return fmt.Errorf("found the directory %s in %s; expected one below %s", directory, FilesVariable, base)
	}
	root, err := regularfile.OpenDirectory(base)
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(filepath.ToSlash(relative), "/") {
		next, err := openPrivate(root, name)
		if err = errors.Join(err, root.Close()); err != nil {
			return fmt.Errorf("failed to make the directory of the files: %w", err)
		}
		root = next
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	if err := root.Chmod(".", privateDirectory); err != nil {
		return fmt.Errorf("failed to make the directory of the files private: %w", err)
	}
	kept := map[string]bool{}
	for _, f := range files {
		for name := f.Path; name != "."; name = path.Dir(name) {
			kept[name] = true
		}
		if err := writeFile(root, f); err != nil {
			return fmt.Errorf("failed to write %s: %w", f.Path, err)
		}
	}
	return removeOthers(root, ".", kept)
}

// openPrivate opens a directory directly within another, and creates it if it is missing. It only
// restricts the mode of a directory that it creates: supervisors also use run/.
func openPrivate(root *os.Root, name string) (*os.Root, error) {
	if err := root.Mkdir(name, privateDirectory); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return regularfile.OpenDirectoryIn(root, name)
}

// writeFile writes a file under a temporary name, and renames it.
func writeFile(root *os.Root, f Rendered) error {
	directory := path.Dir(f.Path)
	if err := makeDirectories(root, directory); err != nil {
		return err
	}
	if info, err := root.Lstat(f.Path); err == nil && info.IsDir() {
		if err := root.RemoveAll(f.Path); err != nil {
			return err
		}
	}
	temporary := path.Join(directory, fmt.Sprintf(".new-%d", os.Getpid()))
	if err := root.RemoveAll(temporary); err != nil {
		return err
	}
	file, err := root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, privateMode)
	if err != nil {
		return err
	}
	_, err = file.Write(f.Content)
	if err = errors.Join(err, file.Chmod(privateMode), file.Close()); err == nil {
		err = root.Rename(temporary, f.Path)
	}
	if err != nil {
		return errors.Join(err, root.Remove(temporary))
	}
	return nil
}

// makeDirectories makes a directory and its parents, and replaces anything else in their place.
func makeDirectories(root *os.Root, directory string) error {
	if directory == "." {
		return nil
	}
	if err := makeDirectories(root, path.Dir(directory)); err != nil {
		return err
	}
	info, err := root.Lstat(directory)
	switch {
	case err == nil && info.IsDir():
		return root.Chmod(directory, privateDirectory)
	case err == nil:
		err = root.Remove(directory)
	case errors.Is(err, fs.ErrNotExist):
		err = nil
	}
	if err != nil {
		return err
	}
	return root.Mkdir(directory, privateDirectory)
}

// removeOthers removes everything below a directory that is not kept.
func removeOthers(root *os.Root, directory string, kept map[string]bool) error {
	entries, err := fs.ReadDir(root.FS(), directory)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := path.Join(directory, entry.Name())
		switch {
		case !kept[name]:
			err = root.RemoveAll(name)
		case entry.IsDir():
			err = removeOthers(root, name, kept)
		}
		if err != nil {
			return fmt.Errorf("failed to remove %s, which is not asked for any more: %w", name, err)
		}
	}
	return nil
}
