package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// CopyEntry copies a directory without its content, a symbolic link as such, or a regular file, and
// creates the directories above the copy. It refuses everything else.
func CopyEntry(ctx context.Context, source, destination string, entry fs.DirEntry) error {
	switch {
	case entry.IsDir():
		return os.MkdirAll(destination, 0o755)
	case entry.Type()&fs.ModeSymlink != 0:
		target, err := os.Readlink(source)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(destination), 0o755); err != nil {
			return err
		}
		return os.Symlink(target, destination)
	case entry.Type().IsRegular():
		if err := os.MkdirAll(filepath.Dir(destination), 0o755); err != nil {
			return err
		}
		return CopyFile(ctx, source, destination)
	default:
		return fmt.Errorf("%s is neither a file, a directory nor a symbolic link; a push takes no other", source)
	}
}

// CopyFile copies a regular file to a path that must not exist, with its mode and write permission
// for the owner.
func CopyFile(ctx context.Context, source, destination string) error {
	from, err := regularfile.Open(source)
	if err != nil {
		return err
	}
	defer from.Close()
	info, err := from.Stat()
	if err != nil {
		return err
	}
	to, err := os.OpenFile(destination, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm()|0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, Stoppable(ctx, from))
	return errors.Join(err, to.Close())
}

// Stoppable reads from another reader until the context ends; the error is then the context's
// cause.
func Stoppable(ctx context.Context, from io.Reader) io.Reader { return stoppable{ctx, from} }

type stoppable struct {
	ctx context.Context
	io.Reader
}

func (s stoppable) Read(into []byte) (int, error) {
	if err := context.Cause(s.ctx); err != nil {
		return 0, err
	}
	return s.Reader.Read(into)
}

// Existing describes the paths that exist.
func Existing(paths []string) []os.FileInfo {
	var found []os.FileInfo
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			found = append(found, info)
		}
	}
	return found
}

// IsOneOf reports whether an entry is one of these files or directories, by whichever path it was
// reached.
func IsOneOf(entry fs.DirEntry, existing []os.FileInfo) bool {
	info, err := entry.Info()
	return err == nil && slices.ContainsFunc(existing, func(e os.FileInfo) bool { return os.SameFile(info, e) })
}
