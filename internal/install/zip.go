package install

import (
	"archive/zip"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/therootcompany/xz"
)

// errZip says that an archive has to be read from its end.
var errZip = errors.New("a zip archive")

// isZip recognizes a zip archive. An archive without entries begins differently, and so does one
// that could have been split but was not.
func isZip(head []byte) bool {
	return slices.ContainsFunc([]string{"PK\x03\x04", "PK\x05\x06", "PK\x07\x08PK", "PK00PK"}, func(magic string) bool {
		return bytes.HasPrefix(head, []byte(magic))
	})
}

// unpackZip unpacks a zip archive. size is the file's, or -1 if unknown.
func (t *extractor) unpackZip(file *os.File, size int64) error {
	if size < 0 {
		info, err := file.Stat()
		if err != nil {
			return err
		}
		size = info.Size()
	}
	listed := &centralDirectoryReader{ReaderAt: file, left: int64(t.limits.Entries)*listEntry + listEnd, limits: t.limits}
	archive, err := zip.NewReader(listed, size)
	if listed.left < 0 {
		return listed.tooLong()
	}
	if err != nil {
		return fmt.Errorf("failed to unpack: %w", err)
	}
	listed.left = math.MaxInt64
	for method, decompressor := range zipMethods {
		archive.RegisterDecompressor(method, decompressor)
	}
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
	// listEntry is the size of one entry in a zip archive's list, in bytes: 46 and a name.
	listEntry = 46 + 128
	// listEnd is how many more bytes are read to find the list: its end may be anywhere in the last
	// 64 KB.
	listEnd = 128 << 10
)

// A centralDirectoryReader stops before it has read a list of too many entries. The length that the
// archive claims may be wrong.
type centralDirectoryReader struct {
	io.ReaderAt
	left   int64 // bytes
	limits Limits
}

func (l *centralDirectoryReader) ReadAt(p []byte, at int64) (int, error) {
	if l.left -= int64(len(p)); l.left < 0 {
		return 0, l.tooLong()
	}
	return l.ReaderAt.ReadAt(p, at)
}

func (l *centralDirectoryReader) tooLong() error {
	return fmt.Errorf("found a list of more than %d entries in the archive; expected fewer", l.limits.Entries)
}

func (t *extractor) zipEntry(entry *zip.File) (err error) {
	const encrypted = 1 // a flag
	mode, name := entry.Mode(), zipName(entry)
	switch {
	case mode.IsDir(), strings.HasSuffix(name, "/"):
		return t.directory(name)
	case mode&fs.ModeSymlink == 0 && !mode.IsRegular():
		return &EntryError{name, kind(mode), "a file, a directory or a link"}
	case entry.Flags&encrypted != 0:
		return &EntryError{name, "an encrypted file", "an archive without a password"}
	}
	content, err := entry.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		return &EntryError{name, "a file compressed by the method " + methodName(entry.Method), "deflate, as zip programs take by default, bzip2, xz or zstd"}
	}
	if err != nil {
		return fmt.Errorf("failed to unpack %q: %w", clip(name), err)
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	if mode&fs.ModeSymlink == 0 {
		return t.file(name, mode, content)
	}
	target, err := io.ReadAll(io.LimitReader(content, maxPathLength))
	if err != nil {
		return fmt.Errorf("failed to unpack %q: %w", clip(name), err)
	}
	return t.symlink(name, string(target))
}

// zipName returns an entry's name with slashes. Some programs on Windows wrote backslashes instead,
// in violation of the format, and used none in names. unzip, too, treats them as slashes if there
// are no others.
func zipName(entry *zip.File) string {
	const fat, ntfs, vfat = 0, 10, 14
	switch entry.CreatorVersion >> 8 {
	case fat, ntfs, vfat:
		if !strings.Contains(entry.Name, "/") {
			return strings.ReplaceAll(entry.Name, `\`, "/")
		}
	}
	return entry.Name
}

// Compression methods, by their numbers in the format.
const (
	methodBzip2 = 12
	methodXz    = 95
)

// zipMethods are those that package zip does not support itself.
var zipMethods = map[uint16]zip.Decompressor{
	methodBzip2: func(r io.Reader) io.ReadCloser { return io.NopCloser(bzip2.NewReader(r)) },
	methodXz: func(r io.Reader) io.ReadCloser {
		decompressed, err := xz.NewReader(r, xzMemory)
		return io.NopCloser(unopened{decompressed, err})
	},
	zstd.ZipMethodWinZip: zstd.ZipDecompressor(zstd.WithDecoderMaxWindow(zstdWindow)),
}

// An unopened reader fails with the error of opening it, if there was one.
type unopened struct {
	io.Reader
	err error
}

func (u unopened) Read(p []byte) (int, error) {
	if u.err != nil {
		return 0, u.err
	}
	return u.Reader.Read(p)
}

// methodName names a method that is not supported.
func methodName(method uint16) string {
	names := map[uint16]string{1: "shrink", 6: "implode", 9: "Deflate64", 14: "LZMA", 97: "WavPack", 98: "PPMd", 99: "AES encryption"}
	if name, known := names[method]; known {
		return name
	}
	return strconv.Itoa(int(method))
}
