// Package credhub asks the platform's CredHub for the credentials that a service binding refers to, with the
// identity of the app's instance (CF-43). The launcher does the same, but only for VCAP_SERVICES (CF-42, CF-53).
//
// No error quotes CredHub's answer.
package credhub

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// The launcher's own retry policy (credhub_flags.go): three attempts, a second apart.
const (
	attempts     = 3
	defaultPause = time.Second
	timeout      = 30 * time.Second // of each attempt
)

// Size limits of an answer, and of each file of the identity, in bytes.
const (
	maxAnswer   = 4 << 20
	maxIdentity = 1 << 20
)

const interpolatePath = "/api/v1/interpolate"

// Client asks one CredHub.
type Client struct {
	// Address is the server's, such as https://credhub.service.cf.internal:8844.
	Address string
	// Certificate and Key are the paths of the instance identity's files.
	Certificate, Key string
	// Authorities are CA certificates in PEM, trusted in addition to the system's.
	Authorities []byte
	// Pause is the time between two attempts; 0 means the launcher's.
	Pause time.Duration
}

// Interpolate returns the JSON of VCAP_SERVICES with each "credhub-ref" replaced by the credentials that it
// refers to.
func (c Client) Interpolate(ctx context.Context, services []byte) ([]byte, error) {
	endpoint, err := c.endpoint()
	if err != nil {
		return nil, err
	}
	client, err := c.connect()
	if err != nil {
		return nil, err
	}
	defer client.CloseIdleConnections()
	pause := c.Pause
	if pause == 0 {
		pause = defaultPause
	}
	ask := func() ([]byte, error) { return interpolate(ctx, client, endpoint, services) }
	answer, err := backoff.Retry(ctx, ask, backoff.WithBackOff(backoff.NewConstantBackOff(pause)), backoff.WithMaxTries(attempts))
	if err != nil {
		return nil, fmt.Errorf("failed to read credentials from CredHub at %s: %w", endpoint.Host, err)
	}
	return answer, nil
}

func (c Client) endpoint() (*url.URL, error) {
	address, err := url.Parse(c.Address)
	if err != nil || address.Scheme != "https" || address.Host == "" || address.User != nil {
		return nil, errors.New("found an invalid address of CredHub; expected one such as https://credhub.service.cf.internal:8844")
	}
	return &url.URL{Scheme: address.Scheme, Host: address.Host, Path: interpolatePath}, nil
}

// connect returns a client that presents the instance's certificate, and follows no redirects.
func (c Client) connect() (*http.Client, error) {
	pair, err := c.identity()
	if err != nil {
		return nil, fmt.Errorf("failed to read the instance's identity for CredHub: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	pool.AppendCertsFromPEM(c.Authorities) // without any, only the system's are trusted
	return &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			Proxy:           http.ProxyFromEnvironment,
			TLSClientConfig: &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: pool, MinVersion: tls.VersionTLS12},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

func (c Client) identity() (tls.Certificate, error) {
	certificate, err := regularfile.Read(c.Certificate, maxIdentity)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := regularfile.Read(c.Key, maxIdentity)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(certificate, key)
}

// interpolate makes one attempt. An error is permanent if a retry would not help.
func interpolate(ctx context.Context, client *http.Client, endpoint *url.URL, services []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint.String(), bytes.NewReader(services))
	if err != nil {
		return nil, backoff.Permanent(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return nil, rootCause(err)
	}
	defer response.Body.Close() // it was only read
	if response.StatusCode != http.StatusOK {
		return nil, refused(response.StatusCode)
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, rootCause(err)
	case len(answer) > maxAnswer:
		return nil, backoff.Permanent(fmt.Errorf("found more than %d bytes; expected no more", maxAnswer))
	default:
		return answer, nil
	}
}
