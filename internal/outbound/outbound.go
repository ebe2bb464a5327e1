// Package outbound provides the HTTP clients that read secrets from an operator's servers. They trust the
// operator's authorities, present the instance identity, limit the size of answers, and report failures without
// addresses, credentials, or anything that the server sent.
package outbound

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"time"
)

// Limits of an answer that Options leaves open.
const (
	DefaultMaxAnswer = 16 << 20
	maxHeader        = 64 << 10
)

const (
	// DefaultTimeout limits a request, including its answer.
	DefaultTimeout = 30 * time.Second
	dialTimeout    = 10 * time.Second
	// idleTimeout is shorter than the usual polling interval, so that the next poll connects again, with the
	// current certificate.
	idleTimeout  = 30 * time.Second
	maxRedirects = 5
)

// Options configures a client. The zero value trusts the system's authorities and presents no certificate.
type Options struct {
	// Roots are the trusted authorities; nil means the system's.
	Roots *x509.CertPool
	// Identity is presented to servers that ask for a certificate of its authority; nil means none.
	Identity *Identity
	// Timeout limits a whole request; 0 means DefaultTimeout.
	Timeout time.Duration
	// MaxAnswer limits the size of an answer after decompression, in bytes; 0 means DefaultMaxAnswer.
	MaxAnswer int64
}

// NewClient returns a client. It reads each answer completely before returning it, so that a failure to read it
// is an error of the request. It uses the environment's proxies, but never for this machine, and follows
// redirects only to the same server.
func NewClient(options Options) *http.Client {
	if options.Timeout == 0 {
		options.Timeout = DefaultTimeout
	}
	if options.MaxAnswer == 0 {
		options.MaxAnswer = DefaultMaxAnswer
	}
	return &http.Client{Timeout: options.Timeout, Transport: &bounded{NewTransport(options), options.MaxAnswer}, CheckRedirect: sameServer}
}

// NewTransport returns a transport for clients whose answers are too large for memory. Callers must bound the
// size and the duration themselves.
func NewTransport(options Options) *http.Transport {
	config := &tls.Config{RootCAs: options.Roots, MinVersion: tls.VersionTLS12}
	if options.Identity != nil {
		config.GetClientCertificate = options.Identity.present
	}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment, // skips localhost and loopback addresses
		DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout:    dialTimeout,
		TLSClientConfig:        config,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConnsPerHost:    2,
		MaxResponseHeaderBytes: maxHeader,
	}
}

// sameServer refuses redirects to another server, which would receive headers with credentials.
func sameServer(next *http.Request, via []*http.Request) error {
	first := via[0].URL
	switch {
	case next.URL.Scheme != first.Scheme || next.URL.Host != first.Host:
		return &Failure{"it redirects to another server; expected an answer of its own"}
	case len(via) > maxRedirects:
		return &Failure{"it redirects without an end"}
	default:
		return nil
	}
}
