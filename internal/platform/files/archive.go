// Package files copies directories and unpacks zip archives for the local platform, until a context
// ends. It writes nothing outside the destination, and refuses what a push cannot contain, such as
// a device.
package files

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// OpenZip opens a zip archive, which may begin with a program.
func OpenZip(path string) (*zip.ReadCloser, error) {
	noZip := errors.New("it is neither a directory nor a zip archive")
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // opening a named pipe would wait for its writer
		return nil, noZip
	}
	archive, err := zip.OpenReader(path)
	if errors.Is(err, zip.ErrFormat) {
		return nil, noZip
	}
	return archive, err
}

// Unzip unpacks an archive into a directory, without ignored entries. It writes nothing outside the
// directory, neither by an entry's name nor through a symbolic link.
func Unzip(ctx context.Context, archive *zip.ReadCloser, destination string, ignored func(name string) bool) error {
	if err := os.MkdirAll(destination, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(destination)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, entry := range archive.File {
		name := strings.TrimSuffix(entry.Name, "/")
		if name == "." || ignored(name) {
			continue
		}
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := unzipEntry(ctx, root, entry, filepath.FromSlash(name)); err != nil {
			return fmt.Errorf("entry %q: %w", entry.Name, err)
		}
	}
	return nil
}

func unzipEntry(ctx context.Context, root *os.Root, entry *zip.File, name string) error {
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	switch mode := entry.Mode(); {
	case mode.IsDir():
		return root.MkdirAll(name, 0o755)
	case mode&fs.ModeSymlink != 0:
		return unzipSymlink(root, entry, name)
	case mode.IsRegular():
		return unzipFile(ctx, root, entry, name)
	default:
		return errors.New("it is neither a file, a directory nor a symbolic link; a push takes no other")
	}
}

func unzipSymlink(root *os.Root, entry *zip.File, name string) error {
	content, err := entry.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	const maxTarget = 4 << 10 // bytes
	target, err := io.ReadAll(io.LimitReader(content, maxTarget))
	if err != nil {
		return err
	}
	return root.Symlink(string(target), name)
}

func unzipFile(ctx context.Context, root *os.Root, entry *zip.File, name string) error {
	from, err := entry.Open()
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, entry.Mode().Perm()|0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, Stoppable(ctx, from))
	return errors.Join(err, to.Close())
}

// UnpackedSize returns the unpacked size of an archive without ignored entries, in bytes, as the
// archive states it. Unzip fails for an entry that is larger than stated.
func UnpackedSize(archive *zip.ReadCloser, ignored func(name string) bool) uint64 {
	var sum uint64
	for _, entry := range archive.File {
		if ignored(strings.TrimSuffix(entry.Name, "/")) {
			continue
		}
		if sum += entry.UncompressedSize64; sum < entry.UncompressedSize64 {
			return 1<<64 - 1
		}
	}
	return sum
}
