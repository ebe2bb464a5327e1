package outbound

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// maxIdentity limits the size of each file of an identity, in bytes.
const maxIdentity = 1 << 20

// A cell replaces the key first and the certificate second (executor, containerstore/credmanager.go). In
// between, the two do not match.
const (
	rotationTries = 20
	rotationPause = 50 * time.Millisecond
)

// Identity is a certificate and its key, in files that the platform replaces while the app runs (CF-43). Its
// methods are safe for concurrent use.
type Identity struct {
	certificate, key string // the paths

	mutex sync.Mutex
	last  *Pair
}

// Pair is a certificate with the matching key.
type Pair struct {
	tls.Certificate
	// PEM is the content of the certificate's file: the instance's certificate, followed by its authority's.
	PEM []byte

	key []byte
}

// NewIdentity returns the identity in these PEM files. They are read when needed.
func NewIdentity(certificate, key string) *Identity {
	return &Identity{certificate: certificate, key: key}
}

// IdentityError says why an identity cannot be used, with the path of its file.
type IdentityError struct{ err error }

func (e *IdentityError) Error() string {
	return fmt.Sprintf("failed to read the instance's identity: %s", e.err)
}

func (e *IdentityError) Unwrap() error { return e.err }

// Load reads the files. If they do not match, the platform is just replacing them: Load returns the previous
// pair or, without one, waits for the next, at most a second. It fails with an *IdentityError.
func (i *Identity) Load(ctx context.Context) (*Pair, error) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	for try := 1; ; try++ {
		pair, err := i.read()
		switch {
		case err == nil:
			i.last = pair
			return pair, nil
		case i.last != nil:
			return i.last, nil
		case try == rotationTries || !errors.Is(err, errNoPair) || !clock.Sleep(ctx, rotationPause):
			return nil, &IdentityError{err}
		}
	}
}

var errNoPair = errors.New("expected a certificate and its key")

func (i *Identity) read() (*Pair, error) {
	certificate, err := regularfile.Read(i.certificate, maxIdentity)
	if err != nil {
		return nil, err
	}
	key, err := regularfile.Read(i.key, maxIdentity)
	if err != nil {
		return nil, err
	}
	if i.last != nil && bytes.Equal(i.last.PEM, certificate) && bytes.Equal(i.last.key, key) {
		return i.last, nil
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("%s and %s: %w; %w", i.certificate, i.key, err, errNoPair)
	}
	return &Pair{pair, certificate, key}, nil
}

// present is a tls.Config.GetClientCertificate: it returns the current identity if the server knows its
// authority. To any other server it presents none: the server would close the connection, though it may not need
// a certificate.
func (i *Identity) present(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	pair, err := i.Load(info.Context())
	if err != nil {
		return nil, err
	}
	if info.SupportsCertificate(&pair.Certificate) != nil {
		return &tls.Certificate{}, nil
	}
	return &pair.Certificate, nil
}
