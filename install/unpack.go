package install

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/readahead"
	"github.com/therootcompany/xz"
)

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
func (t *tree) unpack(file io.Reader, name string) error {
	buffered := bufio.NewReaderSize(file, bufferSize)
	head, err := peek(buffered)
	if err != nil {
		return err
	}
	plain, err := decompress(buffered, head)
	if err != nil {
		return fmt.Errorf("failed to unpack: %w", err)
	}
	if plain == nil {
		return t.unpackPlain(buffered, name)
	}
	defer plain.Close()
	err = t.unpackPlain(bufio.NewReaderSize(plain, headSize), name)
	if errors.Is(err, errZip) {
		return errors.New("found a zip archive that is compressed once more; expected a tar archive in it, or the zip archive alone")
	}
	return err
}

// peek looks at a file's head, which may be all of it.
func peek(file *bufio.Reader) ([]byte, error) {
	head, err := file.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return head, nil
}

// decompress reads what is compressed, or is nil where nothing is.
func decompress(file io.Reader, head []byte) (io.ReadCloser, error) {
	for _, c := range compressions {
		if !bytes.HasPrefix(head, []byte(c.magic)) {
			continue
		}
		plain, err := c.open(file)
		if err != nil {
			return nil, err
		}
		return readahead.NewReaderSize(plain, aheadBlocks, aheadSize)
	}
	return nil, nil
}

func (t *tree) unpackPlain(file *bufio.Reader, name string) error {
	head, err := peek(file)
	switch {
	case err != nil:
		return fmt.Errorf("failed to unpack: %w", err)
	case isZip(head):
		return errZip
	case isTar(head):
		return t.unpackTar(file)
	case len(head) == 0:
		return errors.New("the file is empty")
	default:
		return t.executable(name, file)
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
