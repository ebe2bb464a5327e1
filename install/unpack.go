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
	for _, c := range compressions {
		if !bytes.HasPrefix(head, []byte(c.magic)) {
			continue
		}
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
		return errZip
	case isTar(head):
		return t.unpackTar(buffered)
	case len(head) == 0:
		return errors.New("the file is empty")
	default:
		return t.file(name, 0o755, buffered)
	}
}

// isTar tells a tar archive, of which one without any entry is all zeros.
func isTar(head []byte) bool {
	const magicAt = 257
	return len(head) == headSize && (bytes.HasPrefix(head[magicAt:], []byte("ustar")) || len(bytes.Trim(head, "\x00")) == 0)
}

func (t *tree) unpackTar(file io.Reader) error {
	archive := tar.NewReader(file)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			// What is behind the end is padding, and counts for the checksum.
			_, err := io.Copy(io.Discard, io.LimitReader(file, t.limits.Bytes))
			return err
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
		return &EntryError{header.Name, fmt.Sprintf("%s", kind(header.FileInfo().Mode())), "a file, a directory or a link"}
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
	if err := t.countZip(file, size); err != nil {
		return err
	}
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return fmt.Errorf("failed to unpack: %w", err)
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

// countZip refuses an archive with too many entries by what it says itself,
// before a list of them is made.
func (t *tree) countZip(file io.ReaderAt, size int64) error {
	const endSize, most = 22, math.MaxUint16 // of its last record, and of the comment in that
	tail := make([]byte, min(size, endSize+most))
	if _, err := file.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || at+endSize > len(tail) {
		return nil // the reader will say so
	}
	length := int64(tail[at+12]) | int64(tail[at+13])<<8 | int64(tail[at+14])<<16 | int64(tail[at+15])<<24
	const shortest, usual = 46, 128 // a record of the list, in bytes
	if length > int64(t.limits.Entries)*(shortest+usual) {
		return &EntryError{"", fmt.Sprintf("a list of %d bytes, for more than %d entries", length, t.limits.Entries), "fewer"}
	}
	return nil
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
	const longest = 4096 // bytes that Linux takes for a path
	target, err := io.ReadAll(io.LimitReader(content, longest))
	if err != nil {
		return fmt.Errorf("failed to unpack %q: %w", clip(entry.Name), err)
	}
	return t.symlink(entry.Name, string(target))
}
