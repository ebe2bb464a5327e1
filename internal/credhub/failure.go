package credhub

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

	"github.com/cenkalti/backoff/v5"
)

// refused is the error of an answer without credentials. What CredHub says of it may quote what
// was asked for, and is left out.
func refused(status int) error {
	err := fmt.Errorf("found the status %s; expected 200", strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status))))
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotFound:
		return backoff.Permanent(fmt.Errorf("%w: the app may not read the credentials of this binding, or there are none: bind the service again", err))
	case status >= http.StatusInternalServerError || status == http.StatusTooManyRequests:
		return err
	default:
		return backoff.Permanent(err)
	}
}

// errHungUp is also how a server refuses a client's certificate, where its reason arrives too late.
var errHungUp = errors.New("it has hung up")

// rootCause is an error of the HTTP client without the address that it is of, and without
// anything that the server has sent. A certificate that is not trusted stays so.
func rootCause(err error) error {
	var of *url.Error
	for errors.As(err, &of) {
		err = of.Err
	}
	var untrusted *tls.CertificateVerificationError
	var network *net.OpError
	var timeout net.Error
	switch {
	case errors.As(err, &untrusted):
		return backoff.Permanent(fmt.Errorf("%w: trusted are the system's authorities and those in CF_SYSTEM_CERT_PATH", err))
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return errHungUp
	case errors.As(err, &network), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &timeout) && timeout.Timeout():
		return errors.New("it has not answered in time")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errHungUp
	default:
		return errors.New("it has answered with what is not HTTP, or not by TLS")
	}
}
