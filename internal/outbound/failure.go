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

// A Failure is an error that Cause hands on: it has been written here, and quotes nothing.
type Failure struct{ message string }

func (f *Failure) Error() string { return f.message }

// An UntrustedError says that the server's certificate is of no authority that is trusted, or not for its name.
type UntrustedError struct{ err error }

func (e *UntrustedError) Error() string {
	return e.err.Error() + ": trusted are the system's authorities and those in CF_SYSTEM_CERT_PATH"
}

func (e *UntrustedError) Unwrap() error { return e.err }

// errHungUp is also how a server refuses a client's certificate, where its reason arrives too late.
var errHungUp = errors.New("it closed the connection")

// Cause is an error of an HTTP client without the address that it is of, and without
// anything that the server has sent. It is an *UntrustedError where trying again would not mend it.
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

// Status is the status of an HTTP answer with its usual text, such as 404 Not Found.
func Status(code int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code)))
}
