package install

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/klauspost/readahead"
	"github.com/therootcompany/xz"
)

const (
	// xzMemory limits the memory for an xz archive, in bytes: what the program xz needs at its best
	// compression.
	xzMemory = 64 << 20
	// zstdWindow limits the window of a zstd archive, in bytes: what the program zstd accepts by
	// default.
	zstdWindow = 128 << 20
)

// A compression is a format of compressed tar archives and bare executables. Its reader reads all
// consecutive streams, and returns io.EOF when something else follows, as the programs do: archives
// may be padded, or followed by a signature or the last line of a web page.
type compression struct {
	magic string
	open  func(*bufio.Reader) (io.Reader, error)
}

var compressions = []compression{
	{gzipMagic, func(r *bufio.Reader) (io.Reader, error) { return newGzipMembers(r) }},
	{"\xfd7zXZ\x00", func(r *bufio.Reader) (io.Reader, error) {
		decompressed, err := xz.NewReader(r, xzMemory)
		return endingAt{decompressed, xz.ErrFormat}, err
	}},
	{"BZh", func(r *bufio.Reader) (io.Reader, error) { return endingAt{bzip2.NewReader(r), errNoBzip2}, nil }},
	{"\x28\xb5\x2f\xfd", func(r *bufio.Reader) (io.Reader, error) {
		decompressed, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return nil, err
		}
		return endingAt{decompressed, zstd.ErrMagicMismatch}, nil
	}},
}

// errNoBzip2 is package bzip2's error if a stream is followed by something else. At the beginning
// of a file, it returns a different one.
const errNoBzip2 = bzip2.StructuralError("bad magic value in continuation file")

// decompress returns a reader of the decompressed content, or nil if the file is not compressed.
func decompress(file *bufio.Reader, head []byte) (io.ReadCloser, error) {
	for _, c := range compressions {
		if !bytes.HasPrefix(head, []byte(c.magic)) {
			continue
		}
		decompressed, err := c.open(file)
		if err != nil {
			return nil, err
		}
		return readahead.NewReaderSize(decompressed, aheadBlocks, aheadSize)
	}
	return nil, nil
}

// An endingAt reader turns one error into io.EOF.
type endingAt struct {
	io.Reader
	end error
}

func (e endingAt) Read(p []byte) (int, error) {
	n, err := e.Reader.Read(p)
	if errors.Is(err, e.end) {
		err = io.EOF
	}
	return n, err
}

const gzipMagic = "\x1f\x8b"

// gzipMembers reads the members of a gzip file. Package gzip's reader does not distinguish a
// damaged member from something else that follows.
type gzipMembers struct {
	file   *bufio.Reader
	member *gzip.Reader
}

func newGzipMembers(file *bufio.Reader) (*gzipMembers, error) {
	member, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	member.Multistream(false)
	return &gzipMembers{file: file, member: member}, nil
}

func (g *gzipMembers) Read(p []byte) (int, error) {
	for {
		n, err := g.member.Read(p)
		if !errors.Is(err, io.EOF) {
			return n, err
		}
		next, err := g.file.Peek(len(gzipMagic))
		if err != nil || string(next) != gzipMagic {
			if err == nil {
				err = io.EOF
			}
			return n, err
		}
		if err := g.member.Reset(g.file); err != nil {
			return n, err
		}
		g.member.Multistream(false)
		if n > 0 {
			return n, nil
		}
	}
}
