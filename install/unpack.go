package install

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strconv"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/readahead"
	"github.com/therootcompany/xz"
)

// errZip says that an archive has to be read from its end.
var errZip = errors.New("a zip archive")

// xzMemory is the most that an xz archive may ask for, in bytes: what the best
// compression of the program xz does.
const xzMemory = 64 << 20

// A compression is one that a tar archive may be in.
type compression struct {
	magic string
	open  func(io.Reader) (io.Reader, error)
}

var compressions = []compression{
	{"\x1f\x8b", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
	{"\xfd7zXZ\x00", func(r io.Reader) (io.Reader, error) { return xz.NewReader(r, xzMemory) }},
	{"BZh", func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil }},
}

const (
	// headSize is how much of a file tells what it is, in bytes: a tar archive says
	// so behind its first name.
	headSize = 512
	// bufferSize is how much of it is unpacked at a time, in bytes.
	bufferSize = 64 << 10
)

// unpack fills the tree with what a file holds. Name is what it is called where
// it is a bare executable. The error is errZip for a zip archive.
func (t *tree) unpack(file io.Reader, name string) (err error) {
	buffered := bufio.NewReaderSize(file, bufferSize)
	head, err := buffered.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	packed := false
	for _, c := range compressions {
		if !bytes.HasPrefix(head, []byte(c.magic)) {
			continue
		}
		packed = true
		plain, err := c.open(buffered)
		if err != nil {
			return fmt.Errorf("failed to unpack: %w", err)
		}
		ahead, err := readahead.NewReaderSize(plain, aheadBlocks, aheadSize)
		if err != nil {
			return err
		}
		defer ahead.Close()
		buffered = bufio.NewReaderSize(ahead, bufferSize)
		if head, err = buffered.Peek(headSize); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("failed to unpack: %w", err)
		}
		break
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		if packed {
			return errors.New("found a zip archive that is compressed once more; expected a tar archive in it, or the zip archive alone")
		}
		return errZip
	case isTar(head):
		return t.unpackTar(buffered)
	case len(head) == 0:
		return errors.New("the file is empty")
	default:
		return t.executable(name, buffered)
	}
}

// executable writes a file that is not an archive.
func (t *tree) executable(name string, content io.Reader) error {
	t.strip = 0 // what is no path in an archive keeps its parts
	if place, err := t.place(name); err == nil && place == "" {
		return errors.New("the file is not an archive; expected a name for it as an executable")
	}
	return t.file(name, 0o755, content)
}

// isTar tells a tar archive by the sum that each of its headers has of itself, since
// the oldest form has no other sign. One without any entry is all zeros.
func isTar(head []byte) bool {
	const sumAt, sumEnd = 148, 156
	if len(head) < headSize {
		return false
	}
	var sum int64
	for i, b := range head {
		if i >= sumAt && i < sumEnd {
			b = ' '
		}
		sum += int64(b)
	}
	stated, err := strconv.ParseInt(string(bytes.Trim(head[sumAt:sumEnd], " \x00")), 8, 64)
	return err == nil && stated == sum || len(bytes.Trim(head, "\x00")) == 0
}

func (t *tree) unpackTar(file io.Reader) error {
	archive := tar.NewReader(file)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			// What is behind the end is padding, and counts for the checksum.
			_, err = io.Copy(io.Discard, io.LimitReader(file, t.limits.Bytes))
			if err == nil {
				return nil
			}
		}
		if err != nil {
			return fmt.Errorf("failed to unpack: %w", err)
		}
		if err := t.count(header.Name); err != nil {
			return err
		}
		if err := t.entry(header, archive); err != nil {
			return err
		}
	}
}

func (t *tree) entry(header *tar.Header, content io.Reader) error {
	switch header.Typeflag {
	case tar.TypeReg, tar.TypeGNUSparse:
		return t.file(header.Name, header.FileInfo().Mode(), content)
	case tar.TypeDir:
		return t.directory(header.Name)
	case tar.TypeSymlink:
		return t.symlink(header.Name, header.Linkname)
	case tar.TypeLink:
		return t.hardlink(header.Name, header.Linkname)
	case tar.TypeXGlobalHeader:
		return nil // such as the commit that git archive states
	default:
		return &EntryError{header.Name, kind(header.FileInfo().Mode()), "a file, a directory or a link"}
	}
}

// kind says what an entry is that is none of those that a tree has.
func kind(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeDevice != 0:
		return "a device"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	default:
		return "something of an unknown kind"
	}
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
