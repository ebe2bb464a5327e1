package install

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// A Fetcher opens URIs.
type Fetcher struct {
	Retry RetryPolicy
	// Root is a directory for file URIs: a file that is not at the URI's path is searched for below
	// Root.
	Root string
	// Roots are the certificate authorities for servers; nil means the system's.
	Roots *x509.CertPool
	// Logf tells the user that a transfer continues after a failure.
	Logf func(format string, args ...any)
}

// A Transfer is the content at a URI. It only ends with io.EOF if the content is complete.
type Transfer struct {
	io.ReadCloser
	file *os.File // of a file URI; otherwise nil
	size int64    // bytes; -1 if unknown
}

// Open opens a URI. Its error, like those of reading, contains no credentials.
func (f *Fetcher) Open(ctx context.Context, uri string) (*Transfer, error) {
	parsed, err := url.Parse(uri)
	if err != nil {
		return nil, errors.New("the URI cannot be read")
	}
	switch parsed.Scheme {
	case "http", "https":
		return f.download(ctx, parsed)
	case "file":
		return f.openFile(parsed)
	default:
		return nil, fmt.Errorf("found a URI with the scheme %q; expected http, https or file", parsed.Scheme)
	}
}

func (f *Fetcher) openFile(uri *url.URL) (*Transfer, error) {
	if uri.Host != "" && uri.Host != "localhost" {
		return nil, fmt.Errorf("found a file on the host %q; expected file:///PATH", uri.Host)
	}
	file, err := regularfile.Open(uri.Path)
	if errors.Is(err, fs.ErrNotExist) && f.Root != "" {
		if found, inRoot := regularfile.Open(filepath.Join(f.Root, uri.Path)); inRoot == nil {
			file, err = found, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return &Transfer{ReadCloser: file, file: file, size: -1}, nil
}

func isFile(uri string) bool {
	parsed, err := url.Parse(uri)
	return err == nil && parsed.Scheme == "file"
}

// Redact removes what may be a secret from a URI: user, password and query.
func Redact(uri string) string {
	parsed, err := url.Parse(uri)
	if err != nil {
		return "a URI that cannot be read"
	}
	return redact(parsed)
}

func redact(uri *url.URL) string {
	withoutSecrets := url.URL{Scheme: uri.Scheme, Host: uri.Host, Path: uri.Path, RawPath: uri.RawPath}
	return withoutSecrets.String()
}

const maxRedirects = 10

// client returns a client that follows the retry policy, with the proxies of the environment. It
// does not decompress responses: their checksum would be different.
func (f *Fetcher) client() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = dialer(f.Retry.Connect)
	transport.TLSHandshakeTimeout = f.Retry.Connect
	transport.ResponseHeaderTimeout = f.Retry.Answer
	transport.DisableCompression = true
	transport.TLSClientConfig = &tls.Config{RootCAs: f.Roots}
	transport.OnProxyConnectResponse = acceptProxy
	return &http.Client{Transport: redirecting{transport}, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		switch {
		case len(via) > maxRedirects:
			return fmt.Errorf("%w: the server redirects more than %d times", errPermanent, maxRedirects)
		case next.URL.Scheme != "http" && next.URL.Scheme != "https":
			return fmt.Errorf("%w: the server redirects to something else than http or https", errPermanent)
		case next.URL.Scheme == "http" && via[0].URL.Scheme == "https":
			return fmt.Errorf("%w: the server redirects from https to http; expected https, unless the URI itself begins with http", errPermanent)
		}
		next.Header.Del("Referer") // the query may contain a secret
		return nil
	}}
}

func dialer(timeout time.Duration) func(ctx context.Context, network, address string) (net.Conn, error) {
	return (&net.Dialer{Timeout: timeout, KeepAlive: 30 * time.Second}).DialContext
}

// A redirecting transport rejects addresses that cannot be parsed, which the client would print.
type redirecting struct{ *http.Transport }

func (r redirecting) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := r.Transport.RoundTrip(request)
	if err != nil || response.StatusCode < 300 || response.StatusCode > 399 {
		return response, err
	}
	if _, err := response.Location(); err != nil && !errors.Is(err, http.ErrNoLocation) {
		_ = response.Body.Close() // it was not read
		return nil, fmt.Errorf("%w: the server redirects to an address that cannot be read", errPermanent)
	}
	return response, nil
}

// download connects at once, so that permanent errors are found early.
func (f *Fetcher) download(ctx context.Context, uri *url.URL) (*Transfer, error) {
	d := &download{ctx: ctx, uri: uri, client: f.client(), retry: f.Retry, logf: f.Logf, size: -1}
	d.pauses = backoff.ExponentialBackOff{
		InitialInterval: f.Retry.Pause, MaxInterval: f.Retry.MaxPause, Multiplier: 2, RandomizationFactor: 0.2,
	}
	for d.body == nil {
		if err := d.connect(); err != nil {
			if err := d.failed(err); err != nil {
				return nil, errors.Join(err, d.Close())
			}
		}
	}
	return &Transfer{ReadCloser: d, size: d.size}, nil
}
