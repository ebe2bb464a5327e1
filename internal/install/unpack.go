package install

import (
	"archive/tar"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
)

// An order is an artifact to install, with its checksum and the directory for its content.
type order struct {
	artifact.Artifact
	checksum Checksum
	content  string
}

// unpack unpacks an artifact's file. The error is errZip for a zip archive.
func (t *extractor) unpack(file io.Reader, o order) error {
	buffered := bufio.NewReaderSize(file, bufferSize)
	head, err := peek(buffered)
	if err != nil {
		return err
	}
	decompressed, err := decompress(buffered, head)
	if err != nil {
		return fmt.Errorf("failed to unpack: %w", err)
	}
	if decompressed == nil && o.JavaExtension() != "" && isZip(head) {
		return t.bare(o.Name, 0o644, buffered)
	}
	if decompressed == nil && o.namesZip() && len(head) > 0 && !isTar(head) {
		return errZip // possibly with a program in front of it
	}
	if decompressed == nil {
		return t.unpackPlain(buffered, o.Name)
	}
	defer decompressed.Close()
	err = t.unpackPlain(bufio.NewReaderSize(decompressed, headSize), o.Name)
	if errors.Is(err, errZip) {
		return errors.New("found a zip archive that is compressed once more; expected a tar archive in it, or the zip archive alone")
	}
	return err
}

// namesZip reports whether the URI's path ends in .zip.
func (o order) namesZip() bool {
	parsed, err := url.Parse(o.URI)
	return err == nil && strings.EqualFold(path.Ext(parsed.Path), ".zip")
}

// peek returns a file's head, which may be the whole file.
func peek(file *bufio.Reader) ([]byte, error) {
	head, err := file.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return head, nil
}

func (t *extractor) unpackPlain(file *bufio.Reader, name string) error {
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
	case checkFormat(head) != nil:
		return checkFormat(head)
	default:
		return t.bare(name, 0o755, file)
	}
}

// bare writes a file that is not unpacked.
func (t *extractor) bare(name string, mode fs.FileMode, content io.Reader) error {
	t.strip = 0 // a name that is not a path in an archive keeps its parts
	if fullPath, err := t.destination(name); err == nil && fullPath == "" {
		return errors.New("the file is not an archive; expected a name for it as an executable")
	}
	return t.file(name, mode, content)
}

// isTar recognizes a tar archive by the checksum in each of its headers: the oldest form has no
// other mark. An archive without entries is all zeros.
func isTar(head []byte) bool {
	const sumAt, sumEnd = 148, 156
	if len(head) < headSize {
		return false
	}
	var sum, signed int64 // some old programs summed the bytes as signed numbers
	for i, b := range head {
		if i >= sumAt && i < sumEnd {
			b = ' '
		}
		sum += int64(b)
		signed += int64(int8(b))
	}
	stated, err := strconv.ParseInt(string(bytes.Trim(head[sumAt:sumEnd], " \x00")), 8, 64)
	return err == nil && (stated == sum || stated == signed) || len(bytes.Trim(head, "\x00")) == 0
}

func (t *extractor) unpackTar(file io.Reader) error {
	archive := tar.NewReader(file)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil // what follows the end is not part of the archive
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

// Types of entries that GNU tar writes with --incremental, --label and --multi-volume.
const (
	typeDumpDirectory = 'D'
	typeVolumeLabel   = 'V'
	typeContinued     = 'M'
)

func (t *extractor) entry(header *tar.Header, content io.Reader) error {
	switch header.Typeflag {
	case tar.TypeReg, tar.TypeGNUSparse, tar.TypeCont:
		return t.file(header.Name, header.FileInfo().Mode(), content)
	case tar.TypeDir, typeDumpDirectory:
		return t.directory(header.Name)
	case tar.TypeSymlink:
		return t.symlink(header.Name, header.Linkname)
	case tar.TypeLink:
		return t.hardlink(header.Name, header.Linkname)
	case tar.TypeXGlobalHeader, typeVolumeLabel:
		return nil // for example the commit that git archive records
	case typeContinued:
		return &EntryError{header.Name, "a part of a file that another volume begins", "an archive in one file"}
	default:
		return &EntryError{header.Name, kind(header.FileInfo().Mode()), "a file, a directory or a link"}
	}
}
