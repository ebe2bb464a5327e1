package push

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	ignore "github.com/sabhiram/go-gitignore"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/files"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// OpenApp opens an app's files as a push would upload them, from a directory or an archive, without
// copying them. Excepted files and directories are left out, by whichever path they are reached.
// The caller must close it.
func OpenApp(path string, except ...string) (*AppFiles, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("failed to find the app: %w", regularfile.Unread(path, err))
	}
	var opened io.Closer
	var all fs.FS
	archived := !info.IsDir()
	if !archived {
		root, err := os.OpenRoot(path)
		if err != nil {
			return nil, fmt.Errorf("failed to open the app: %w", regularfile.Unread(path, err))
		}
		opened, all = root, regularfile.FS(root)
	} else {
		archive, err := files.OpenZip(path)
		if err != nil {
			return nil, fmt.Errorf("failed to open the app %s: %w", path, err)
		}
		opened, all = archive, archive
	}
	ignored, err := ignoredFiles(all)
	if err != nil {
		_ = opened.Close() // nothing was written
		return nil, err
	}
	if archive, ok := all.(*zip.ReadCloser); ok {
		if err := checkPackageSize(files.UnpackedSize(archive, ignored.MatchesPath)); err != nil {
			_ = opened.Close() // nothing was written
			return nil, fmt.Errorf("failed to open the app %s: %w", path, err)
		}
	}
	return &AppFiles{Closer: opened, Archived: archived, path: path, all: all, ignored: ignored, excepted: files.Existing(except)}, nil
}

// AppFiles are an app's files, without those that are never pushed and those that .cfignore
// excludes.
type AppFiles struct {
	io.Closer
	// Archived is true if they are in an archive; a push makes each of its files executable.
	Archived bool
	path     string
	all      fs.FS
	ignored  *ignore.GitIgnore
	excepted []os.FileInfo
}

// CheckAny returns the error of staging for a directory without any files to push.
func (f *AppFiles) CheckAny() error {
	if f.Archived {
		return nil
	}
	some := errors.New("there is one")
	err := fs.WalkDir(f.all, ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || path == ".":
			return err
		case files.IsOneOf(entry, f.excepted):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !f.ignored.MatchesPath(path):
			return some
		case entry.IsDir() && slices.Contains(neverPushed, entry.Name()):
			return fs.SkipDir
		}
		return nil // a later line may include files below it
	})
	if err == nil {
		return noAppFiles(f.path)
	}
	return nil // staging reports what cannot be read
}

func (f *AppFiles) check(operation, name string) error {
	left := f.ignored.MatchesPath(name)
	if !left && len(f.excepted) > 0 {
		info, err := fs.Stat(f.all, name)
		left = err == nil && slices.ContainsFunc(f.excepted, func(e os.FileInfo) bool { return os.SameFile(info, e) })
	}
	if left {
		return &fs.PathError{Op: operation, Path: name, Err: fs.ErrNotExist}
	}
	return nil
}

// Open opens a file of the push.
func (f *AppFiles) Open(name string) (fs.File, error) {
	if err := f.check("open", name); err != nil {
		return nil, err
	}
	return f.all.Open(name)
}

// Stat describes a file of the push, or the target of a link.
func (f *AppFiles) Stat(name string) (fs.FileInfo, error) {
	if err := f.check("stat", name); err != nil {
		return nil, err
	}
	return fs.Stat(f.all, name)
}

// Lstat describes a file of the push, or a link itself.
func (f *AppFiles) Lstat(name string) (fs.FileInfo, error) {
	if err := f.check("lstat", name); err != nil {
		return nil, err
	}
	return fs.Lstat(f.all, name)
}

// ReadLink returns the target of a link of the push.
func (f *AppFiles) ReadLink(name string) (string, error) {
	if err := f.check("readlink", name); err != nil {
		return "", err
	}
	return fs.ReadLink(f.all, name)
}
