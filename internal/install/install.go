// Package install installs files that others have released: verified and complete, or not at all.
// It knows where they come from, how they are packed and how they are cached, but not what they are
// for.
package install

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/readahead"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
)

// An Installer installs artifacts.
type Installer struct {
	Fetcher Fetcher
	// Cache keeps archives for the next time; nil keeps none.
	Cache  *Cache
	Limits Limits
	// Logf tells the user what is being done, one line at a time.
	Logf func(format string, args ...any)
	// Progress shows the progress of a transfer; nil shows nothing.
	Progress *Progress

	unpacked int64 // bytes installed so far
}

// Install installs an artifact, the content of an archive or a bare executable, in a directory that
// must not exist yet. The directory appears once it is complete and the checksum is right;
// otherwise nothing is left behind. The error is a *ChecksumError if the file has another checksum
// than expected, and an *EntryError if the archive contains an unacceptable entry.
func (i *Installer) Install(ctx context.Context, wanted artifact.Artifact, directory string) (err error) {
	parent := filepath.Dir(directory)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return fmt.Errorf("failed to make a directory: %w", err)
	}
	staging, err := os.MkdirTemp(parent, ".installing-*")
	if err != nil {
		return fmt.Errorf("failed to make a directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(staging)) }()

	content := filepath.Join(staging, "content")
	if err := i.deliver(ctx, wanted, content); err != nil {
		return fmt.Errorf("failed to install %s: %w", Redact(wanted.URI), err)
	}
	if err := os.Rename(content, directory); err != nil {
		return fmt.Errorf("failed to put %s into its place: %w", Redact(wanted.URI), err)
	}
	return nil
}

// deliver unpacks the artifact from the cache, or else from its source.
func (i *Installer) deliver(ctx context.Context, wanted artifact.Artifact, content string) error {
	if wanted.Checksum == "" {
		return errors.New("found no checksum; expected one, without which nothing is installed")
	}
	checksum, err := ParseChecksum(wanted.Checksum)
	if err != nil {
		return err
	}
	o := order{wanted, checksum, content}
	if cached := i.Cache.open(checksum); cached != nil {
		defer cached.Close() // it was only read
		i.Logf("Taking %s from the cache", Redact(wanted.URI))
		err := i.unpackFile(ctx, cached, o)
		var wrong *ChecksumError
		if !errors.As(err, &wrong) {
			return err
		}
		i.Logf("What is in the cache is damaged; fetching it again")
		if err := errors.Join(os.RemoveAll(content), i.Cache.drop(checksum)); err != nil {
			return err
		}
	}
	return i.fetch(ctx, o)
}

// unpackFile unpacks and verifies a file in one pass.
func (i *Installer) unpackFile(ctx context.Context, file *os.File, o order) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if err := i.checkSize(info.Size()); err != nil {
		return err
	}
	return i.unpack(&received{Reader: withContext(ctx, file), file: file, size: info.Size()}, o)
}

// checkSize rejects a file that is larger than its unpacked content may be.
func (i *Installer) checkSize(size int64) error {
	if size > i.Limits.Bytes {
		return fmt.Errorf("found a file of %d MB; expected at most %d MB", size>>20, i.Limits.Bytes>>20)
	}
	return nil
}

func (i *Installer) fetch(ctx context.Context, o order) (err error) {
	verb := "Fetching"
	if isFile(o.URI) {
		verb = "Copying"
	}
	i.Logf("%s %s", verb, Redact(o.URI))
	transfer, err := i.Fetcher.Open(ctx, o.URI)
	if err != nil {
		return err
	}
	defer transfer.Close() // it was only read
	if transfer.file != nil {
		return i.unpackFile(ctx, transfer.file, o)
	}
	if err := i.checkSize(transfer.size); err != nil {
		return err
	}

	partial, err := i.Cache.create(filepath.Dir(o.content))
	if err != nil {
		return fmt.Errorf("failed to make a place for the file: %w", err)
	}
	defer func() { err = errors.Join(err, partial.discard()) }()
	metered := i.Progress.start(transfer, transfer.size)
	defer metered.stop()
	if err := i.unpack(&received{Reader: io.TeeReader(metered, partial), file: partial.file, size: -1, partial: partial}, o); err != nil {
		return err
	}
	metered.finish()
	if err := partial.commit(o.checksum); err != nil {
		i.Logf("It is not kept for the next time: %s", err)
	}
	return nil
}

// A received file is read once, from its beginning to its end. Everything read is also written to
// file.
type received struct {
	io.Reader
	file    *os.File
	size    int64        // of file; -1 while it is being written
	partial *partialFile // file while it is being written; otherwise nil
}

// unpack unpacks what arrives, and verifies it in the same pass. If both fail, it reports the
// checksum: the wrong file may not unpack.
func (i *Installer) unpack(from *received, o order) (err error) {
	computed := o.checksum.newHash()
	ahead, err := readahead.NewReaderSize(io.TeeReader(from, computed), aheadBlocks, aheadSize)
	if err != nil {
		return err
	}
	defer ahead.Close()
	unpacker, err := newExtractor(o.content, o.Strip, i.Limits, i.unpacked)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, unpacker.Close()); err == nil {
			i.unpacked = unpacker.bytes
		}
	}()

	source := &errorRecorder{Reader: ahead}
	unpacked := unpacker.unpack(source, o)
	// The checksum includes the rest.
	rest, _ := io.Copy(io.Discard, io.LimitReader(source, i.Limits.Bytes))
	switch {
	case source.err != nil:
		return source.err
	case rest == i.Limits.Bytes:
		return fmt.Errorf("found a file of more than %d MB; expected at most that", i.Limits.Bytes>>20)
	}
	if err := o.checksum.check(computed); err != nil {
		return err
	}
	switch {
	case !errors.Is(unpacked, errZip):
		return unpacked
	case from.partial != nil && from.partial.err != nil:
		return fmt.Errorf("failed to write the file, which is read from its end: %w", from.partial.err)
	default:
		return unpacker.unpackZip(from.file, from.size)
	}
}

// An errorRecorder records why reading failed, which its reader may not report.
type errorRecorder struct {
	io.Reader
	err error
}

func (f *errorRecorder) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
}

type contextReader struct {
	io.Reader
	ctx context.Context
}

// withContext stops reading when the context ends.
func withContext(ctx context.Context, r io.Reader) io.Reader { return contextReader{r, ctx} }

func (r contextReader) Read(p []byte) (int, error) {
	if err := context.Cause(r.ctx); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
