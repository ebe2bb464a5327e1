package install

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"
)

var (
	errSilent  = errors.New("the server has not answered")
	errStalled = errors.New("the server has stopped sending")
	errShort   = errors.New("the server has sent less than it announced")
	errHungUp  = errors.New("the server closed the connection")
	errGarbled = errors.New("the server has sent headers that cannot be read")
	// after errNotResumed, the next attempt requests the whole file
	errNotResumed = errors.New("the server does not resume the transfer")
)

// A statusError is a response without the file.
type statusError struct {
	status int
	after  time.Duration // the wait that the server asks for; 0 if it does not
}

func (e *statusError) Error() string { return "the server answers " + describeStatus(e.status) }

func describeStatus(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}

// passes reports whether the same request may succeed later.
func (e *statusError) passes() bool {
	switch e.status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}

// retryable reports whether another attempt makes sense: a server may start, a connection may
// recover. A wrong address stays wrong. That includes a name that the name servers say does not
// exist, since they report something else if they cannot tell; a certificate that is missing or not
// trusted, since no server starts to use TLS in between; and a port that cannot exist.
func retryable(err error) bool {
	var status *statusError
	var certificate *tls.CertificateVerificationError
	var name *net.DNSError
	var address *net.AddrError
	switch {
	case errors.Is(err, errNotResumed):
		return true
	case errors.As(err, &status):
		return status.passes()
	case errors.As(err, &name):
		return !name.IsNotFound
	case errors.Is(err, errPermanent), errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &certificate), errors.As(err, &address):
		return false
	default:
		return true
	}
}

// errPermanent marks what no other attempt can fix.
var errPermanent = errors.New("it cannot be fetched")

// rootCause strips the URL from an error of the HTTP client: even one that the server redirected to
// may contain a secret.
func rootCause(err error) error {
	var of *url.Error
	for errors.As(err, &of) {
		err = of.Err
	}
	var line textproto.ProtocolError // contains what the server sent
	switch {
	case errors.As(err, &line):
		return errGarbled
	case errors.Is(err, io.EOF):
		return errHungUp
	default:
		return err
	}
}

// retryAfter parses seconds or a date.
func retryAfter(text string) time.Duration {
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(min(max(seconds, 0), math.MaxInt32)) * time.Second
	}
	if date, err := http.ParseTime(text); err == nil {
		return max(time.Until(date), 0)
	}
	return 0
}
