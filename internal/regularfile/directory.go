package regularfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

const wantDirectory = "a directory, and no link to one"

// CheckDirectory refuses everything except a directory. It refuses a symbolic link even if it leads
// to a directory: whoever has created it could choose whose files are written and removed.
func CheckDirectory(path string) error {
	_, err := checkDirectory(filepath.Clean(path), os.Lstat)
	return err
}

// OpenDirectory opens a directory that CheckDirectory accepts. No operation through the root leaves
// the directory.
func OpenDirectory(path string) (*os.Root, error) {
	return openDirectory(filepath.Clean(path), os.Lstat, os.OpenRoot)
}

// OpenDirectoryIn is OpenDirectory for a name directly below another directory.
func OpenDirectoryIn(root *os.Root, name string) (*os.Root, error) {
	return openDirectory(filepath.Join(root.Name(), name),
		func(string) (fs.FileInfo, error) { return root.Lstat(name) },
		func(string) (*os.Root, error) { return root.OpenRoot(name) })
}

// MakeDirectoryIn is OpenDirectoryIn, and creates the directory if it does not exist.
func MakeDirectoryIn(root *os.Root, name string) (*os.Root, error) {
	if err := root.Mkdir(name, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return OpenDirectoryIn(root, name)
}

// Clear removes the content of a directory. It removes links, not their targets.
func Clear(root *os.Root) error {
	entries, err := fs.ReadDir(root.FS(), ".")
	for _, entry := range entries {
		err = errors.Join(err, root.RemoveAll(entry.Name()))
	}
	return err
}

func checkDirectory(path string, lstat func(string) (fs.FileInfo, error)) (fs.FileInfo, error) {
	info, err := lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &Error{path, kind(info.Mode()), wantDirectory}
	}
	return info, nil
}

// openDirectory checks the type first, since opening a named pipe waits, and then makes sure that
// it has opened what it has checked.
func openDirectory(path string, lstat func(string) (fs.FileInfo, error), open func(string) (*os.Root, error)) (*os.Root, error) {
	info, err := checkDirectory(path, lstat)
	if err != nil {
		return nil, err
	}
	root, err := open(path)
	if err != nil {
		return nil, err
	}
	opened, err := root.Stat(".")
	if err == nil && !os.SameFile(info, opened) {
		err = &Error{path, "something else than a moment before", wantDirectory}
	}
	if err != nil {
		_ = root.Close() // nothing was written
		return nil, err
	}
	return root, nil
}
