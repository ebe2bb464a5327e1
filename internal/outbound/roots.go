package outbound

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

const (
	certificateSuffix = ".crt"
	// maxCertificates limits the size of a file with certificates, in bytes.
	maxCertificates = 4 << 20
)

// Roots returns the authorities of the system (or of SSL_CERT_FILE and SSL_CERT_DIR, if set) and those in a
// directory's *.crt files, in PEM, and how many of these files it loaded: none if the name is empty or the
// directory does not exist. The error names all files that were skipped because they cannot be read or contain
// no certificate; the pool is usable nevertheless.
func Roots(directory string) (pool *x509.CertPool, taken int, err error) {
	pool, err = x509.SystemCertPool()
	if err != nil {
		pool, err = x509.NewCertPool(), fmt.Errorf("failed to read the system's certificates: %w", err)
	}
	if directory == "" {
		return pool, 0, err
	}
	entries, listing := os.ReadDir(directory)
	if listing != nil && !errors.Is(listing, fs.ErrNotExist) {
		err = errors.Join(err, fmt.Errorf("failed to list certificates: %w", listing))
	}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), certificateSuffix) {
			continue
		}
		path := filepath.Join(directory, entry.Name())
		content, reading := regularfile.Read(path, maxCertificates)
		switch {
		case reading != nil:
			err = errors.Join(err, fmt.Errorf("failed to read a certificate: %w", reading))
		case !pool.AppendCertsFromPEM(content):
			err = errors.Join(err, fmt.Errorf("%s: found no certificate; expected one in PEM", path))
		default:
			taken++
		}
	}
	return pool, taken, err
}
