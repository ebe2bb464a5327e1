// Package outbound makes the HTTP clients that ask servers of an operator for secrets: they
// trust the operator's authorities, present an instance's identity, take no more than an answer
// may have, and tell of a failure without addresses, credentials, and what the server has sent.
package outbound

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"time"
)

// The bounds of an answer that Options leave open.
const (
	DefaultMaxAnswer = 16 << 20
	maxHeader        = 64 << 10
)

const (
	// DefaultTimeout is that of a request with its answer.
	DefaultTimeout = 30 * time.Second
	dialTimeout    = 10 * time.Second
	// idleTimeout is less than the usual polling interval: the next poll connects again, with the certificate
	// of then.
	idleTimeout  = 30 * time.Second
	maxRedirects = 5
)

// Options are what clients differ in. The zero value trusts the system's authorities and has no certificate.
type Options struct {
	// Roots are the authorities that servers are verified against; nil means the system's.
	Roots *x509.CertPool
	// Identity is presented to servers that ask for a certificate of one of its authorities; nil: none is.
	Identity *Identity
	// Timeout is for all of a request; 0 is DefaultTimeout.
	Timeout time.Duration
	// MaxAnswer is the most bytes of an answer, once it is unpacked; 0 is DefaultMaxAnswer.
	MaxAnswer int64
}

// NewClient makes a client. Each answer is read before it is handed on, so that a failure to read it is one of the request.
// It uses the environment's proxies, but never for this machine, and follows redirections to the same server alone.
func NewClient(options Options) *http.Client {
	if options.Timeout == 0 {
		options.Timeout = DefaultTimeout
	}
	if options.MaxAnswer == 0 {
		options.MaxAnswer = DefaultMaxAnswer
	}
	return &http.Client{Timeout: options.Timeout, Transport: &bounded{NewTransport(options), options.MaxAnswer}, CheckRedirect: sameServer}
}

// NewTransport is what a client uses whose answers are too large to be kept in memory. Its user has to bound them,
// and the time that they take.
func NewTransport(options Options) *http.Transport {
	config := &tls.Config{RootCAs: options.Roots, MinVersion: tls.VersionTLS12}
	if options.Identity != nil {
		config.GetClientCertificate = options.Identity.present
	}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment, // which leaves out localhost and loopback addresses
		DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout:    dialTimeout,
		TLSClientConfig:        config,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConnsPerHost:    2,
		MaxResponseHeaderBytes: maxHeader,
	}
}

// sameServer refuses to be sent to another server, which would be told headers with credentials.
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
