package install

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
)

// A Downloaded describes a file whose checksum was not known before.
type Downloaded struct {
	Size   int64  // bytes
	SHA256 string // hexadecimal digits
}

// Download writes the file at a URI, without unpacking it, and returns its size and checksum. The
// installer's limit of bytes applies. Its errors name the URI without credentials.
func (i *Installer) Download(ctx context.Context, uri string, to io.Writer) (Downloaded, error) {
	downloaded, err := i.download(ctx, uri, to)
	if err != nil {
		return Downloaded{}, fmt.Errorf("failed to fetch %s: %w", Redact(uri), err)
	}
	return downloaded, nil
}

func (i *Installer) download(ctx context.Context, uri string, to io.Writer) (Downloaded, error) {
	transfer, err := i.Fetcher.Open(ctx, uri)
	if err != nil {
		return Downloaded{}, err
	}
	defer transfer.Close() // it was only read
	if err := i.checkSize(transfer.size); err != nil {
		return Downloaded{}, err
	}
	metered := i.Progress.start(withContext(ctx, transfer), transfer.size)
	defer metered.stop()
	computed := sha256.New()
	size, err := io.Copy(io.MultiWriter(to, computed), io.LimitReader(metered, i.Limits.Bytes+1))
	switch {
	case err != nil:
		return Downloaded{}, err
	case size > i.Limits.Bytes:
		return Downloaded{}, fmt.Errorf("found a file of more than %d MB; expected at most that", i.Limits.Bytes>>20)
	case size == 0:
		return Downloaded{}, fmt.Errorf("the file is empty")
	}
	metered.finish()
	return Downloaded{Size: size, SHA256: hex.EncodeToString(computed.Sum(nil))}, nil
}

// Unpack is Install for a file that has been downloaded. If it fails, the directory contains what
// was unpacked until then. The errors do not name the file.
func (i *Installer) Unpack(ctx context.Context, file *os.File, downloaded artifact.Artifact, directory string) error {
	checksum, err := ParseChecksum(downloaded.Checksum)
	if err != nil {
		return err
	}
	return i.unpackFile(ctx, file, order{downloaded, checksum, directory})
}
