package install

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
)

// errZip says that an archive has to be read from its end.
var errZip = errors.New("a zip archive")

// isZip tells a zip archive, of which one without any entry has another sign.
func isZip(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
}

// unpackZip fills the tree from a zip archive. Size is the file's, or -1 where it
// is not known.
func (t *tree) unpackZip(file *os.File, size int64) error {
	if size < 0 {
		info, err := file.Stat()
		if err != nil {
			return err
		}
		size = info.Size()
	}
	listed := &listReader{ReaderAt: file, left: int64(t.limits.Entries)*listEntry + listEnd, limits: t.limits}
	archive, err := zip.NewReader(listed, size)
	if listed.left < 0 {
		return listed.tooLong()
	}
	if err != nil {
		return fmt.Errorf("failed to unpack: %w", err)
	}
	listed.left = math.MaxInt64
	for _, entry := range archive.File {
		if err := t.count(entry.Name); err != nil {
			return err
		}
		if err := t.zipEntry(entry); err != nil {
			return err
		}
	}
	return nil
}

const (
	// listEntry is what the list of a zip archive has for each entry, in bytes: 46
	// and a name.
	listEntry = 46 + 128
	// listEnd is what is read besides to find the list: 64 KB where the end may be.
	listEnd = 128 << 10
)

// A listReader ends before too long a list of entries has been read. What the
// archive itself says of its length need not be true.
type listReader struct {
	io.ReaderAt
	left   int64 // bytes
	limits Limits
}

func (l *listReader) ReadAt(p []byte, at int64) (int, error) {
	if l.left -= int64(len(p)); l.left < 0 {
		return 0, l.tooLong()
	}
	return l.ReaderAt.ReadAt(p, at)
}

func (l *listReader) tooLong() error {
	return fmt.Errorf("found a list of more than %d entries in the archive; expected fewer", l.limits.Entries)
}

func (t *tree) zipEntry(entry *zip.File) (err error) {
	mode := entry.Mode()
	switch {
	case mode.IsDir():
		return t.directory(entry.Name)
	case mode&fs.ModeSymlink == 0 && !mode.IsRegular():
		return &EntryError{entry.Name, kind(mode), "a file, a directory or a link"}
	}
	content, err := entry.Open()
	if err != nil {
		return fmt.Errorf("failed to unpack %q: %w", clip(entry.Name), err)
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	if mode&fs.ModeSymlink == 0 {
		return t.file(entry.Name, mode, content)
	}
	target, err := io.ReadAll(io.LimitReader(content, longestPath))
	if err != nil {
		return fmt.Errorf("failed to unpack %q: %w", clip(entry.Name), err)
	}
	return t.symlink(entry.Name, string(target))
}
