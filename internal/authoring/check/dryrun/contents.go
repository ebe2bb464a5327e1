package dryrun

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/therootcompany/xz"
)

const (
	// maxNested is how many archives and compressed files inside one another are searched.
	maxNested = 4
	// maxExpanded is how much of the content of one compressed file is searched, in bytes, and
	// maxInMemory how much of a zip inside of another file.
	maxExpanded = 1 << 30
	maxInMemory = 128 << 20
	// tarMagicAt is the offset of tarMagic in an archive.
	tarMagicAt = 257
	tarMagic   = "ustar"
)

// A content searches files for secrets: as they are and, if they are compressed or archives, in what
// they contain. Broken ones are searched up to the fault.
type content struct {
	secrets *secrets
	// left is how much may still be expanded, in bytes.
	left int64
}

func (s *secrets) content() *content { return &content{secrets: s, left: maxExpanded} }

// openers decompress, by the first bytes of what they read.
var openers = []struct {
	magic string
	open  func(io.Reader) (io.Reader, error)
}{
	{"\x1f\x8b", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
	{"BZh", func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil }},
	{"\xfd7zXZ\x00", func(r io.Reader) (io.Reader, error) { return xz.NewReader(r, xz.DefaultDictMax) }},
	{"\x28\xb5\x2f\xfd", func(r io.Reader) (io.Reader, error) {
		return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxInMemory))
	}},
	{"\x78\x01", func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) }},
	{"\x78\x5e", func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) }},
	{"\x78\x9c", func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) }},
	{"\x78\xda", func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) }},
}

// in returns the first secret, and the path in the archive that has it, which is empty for a file
// that is not an archive.
func (c *content) in(from io.Reader, nested int) (secret, entry string) {
	buffered := bufio.NewReader(from)
	head, _ := buffered.Peek(tarMagicAt + len(tarMagic)) // a shorter file is not a tar archive
	for _, o := range openers {
		if nested >= maxNested || !bytes.HasPrefix(head, []byte(o.magic)) {
			continue
		}
		if expanded, err := o.open(buffered); err == nil {
			if secret, entry := c.in(&limited{expanded, &c.left}, nested+1); secret != "" {
				return secret, entry
			}
		}
		if file, ok := from.(io.Seeker); ok { // a text may begin like a compressed file, too
			if _, err := file.Seek(0, io.SeekStart); err == nil {
				return c.asIs(from), ""
			}
		}
		return "", ""
	}
	switch {
	case nested < maxNested && len(head) == tarMagicAt+len(tarMagic) && string(head[tarMagicAt:]) == tarMagic:
		return c.inTar(buffered, nested)
	case nested < maxNested && bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return c.inZip(from, buffered, nested)
	}
	return c.asIs(buffered), ""
}

// asIs returns the first secret in a content, or "".
func (c *content) asIs(from io.Reader) (secret string) {
	_ = search(from, c.secrets.maxLength(), func(part []byte) { // unreadable files are skipped
		if all := c.secrets.in(part); secret == "" && len(all) > 0 {
			secret = all[0]
		}
	})
	return secret
}

func (c *content) inTar(from io.Reader, nested int) (secret, entry string) {
	archive := tar.NewReader(from)
	for {
		header, err := archive.Next()
		if err != nil {
			return "", ""
		}
		if secret := c.secrets.inName(header.Name + " " + header.Linkname); secret != "" {
			return secret, c.secrets.mask(header.Name)
		}
		if secret, _ := c.in(archive, nested+1); secret != "" {
			return secret, header.Name
		}
	}
}

// inZip searches a zip. buffered has all of it; from is a file or something that cannot seek.
func (c *content) inZip(from, buffered io.Reader, nested int) (secret, entry string) {
	archive, err := openZip(from, buffered)
	if err != nil {
		return "", ""
	}
	for _, file := range archive.File {
		if secret := c.secrets.inName(file.Name); secret != "" {
			return secret, c.secrets.mask(file.Name)
		}
		content, err := file.Open()
		if err != nil {
			continue
		}
		secret, _ := c.in(&limited{content, &c.left}, nested+1)
		_ = content.Close() // it was only read
		if secret != "" {
			return secret, file.Name
		}
	}
	return "", ""
}

func openZip(from, buffered io.Reader) (*zip.Reader, error) {
	if file, ok := from.(*os.File); ok {
		info, err := file.Stat()
		if err != nil {
			return nil, err
		}
		return ignoreInsecure(zip.NewReader(file, info.Size()))
	}
	all, err := io.ReadAll(io.LimitReader(buffered, maxInMemory))
	if err != nil {
		return nil, err
	}
	return ignoreInsecure(zip.NewReader(bytes.NewReader(all), int64(len(all))))
}

// ignoreInsecure accepts names that lead elsewhere, since nothing is written.
func ignoreInsecure(archive *zip.Reader, err error) (*zip.Reader, error) {
	if errors.Is(err, zip.ErrInsecurePath) {
		return archive, nil
	}
	return archive, err
}

// inName returns a secret in a name, or "".
func (s *secrets) inName(name string) string {
	if all := s.in([]byte(strings.ToValidUTF8(name, "?"))); len(all) > 0 {
		return all[0]
	}
	return ""
}

// limited reads until no more may be expanded.
type limited struct {
	from io.Reader
	left *int64
}

func (l *limited) Read(into []byte) (int, error) {
	if *l.left <= 0 {
		return 0, io.EOF
	}
	n, err := l.from.Read(into[:min(int64(len(into)), *l.left)])
	*l.left -= int64(n)
	return n, err
}
