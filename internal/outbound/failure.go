package outbound

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
)

// Failure is an error that Cause passes on unchanged: it was written here, and quotes nothing.
type Failure struct{ message string }

func (f *Failure) Error() string { return f.message }

// UntrustedError means that the server's certificate is not signed by a trusted authority, or does not match its
// name.
type UntrustedError struct{ err error }

func (e *UntrustedError) Error() string {
	return e.err.Error() + ": trusted are the system's authorities and those in CF_SYSTEM_CERT_PATH"
}

func (e *UntrustedError) Unwrap() error { return e.err }

// errHungUp is also how a server rejects a client's certificate, if its reason arrives too late.
var errHungUp = errors.New("it closed the connection")

// Cause strips the address, and anything the server sent, from an error of an HTTP client. It returns an
// *UntrustedError if a retry would not help.
func Cause(err error) error {
	var of *url.Error
	for errors.As(err, &of) {
		err = of.Err
	}
	var failure *Failure
	var identity *IdentityError
	var untrusted *tls.CertificateVerificationError
	var network *net.OpError
	var timeout net.Error
	switch {
	case errors.As(err, &failure):
		return failure
	case errors.As(err, &identity):
		return identity
	case errors.As(err, &untrusted):
		return &UntrustedError{err}
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return errHungUp
	case errors.As(err, &network):
		return network
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.As(err, &timeout) && timeout.Timeout():
		return errors.New("it has not answered in time")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errHungUp
	default:
		return errors.New("its answer is not HTTP, or not by TLS")
	}
}

// Status returns an HTTP status with its standard text, such as 404 Not Found.
func Status(code int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code)))
}
