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
	// maxCertificates is the most that a file with certificates may come to, in bytes.
	maxCertificates = 4 << 20
)

// Roots are the authorities of the system (or of SSL_CERT_FILE and SSL_CERT_DIR, where they are
// set), and those of the files *.crt of a directory, in PEM. It also returns how many of the files
// it has taken. Where the name is empty, or there is no such directory, there is none to take. The
// error names all files that were left out, since they cannot be read or have no certificate; the
// pool is whole without them.
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
