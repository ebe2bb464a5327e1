//go:build linux

package supervise

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

const defaultTimeout = 1 // seconds

// maxSocketPath is the longest path of a Unix socket in bytes: sun_path of unix(7), less the final
// NUL.
const maxSocketPath = 107

// An address is what a probe connects to: a port of this machine, or a socket.
type address struct{ port, socket string }

// address returns the address of the check, with variables expanded.
func (p probe) address() (address, error) {
	if p.Socket == "" {
		port := p.command.environ.expand(p.Port)
		if number, err := strconv.ParseUint(port, 10, 16); err != nil || number == 0 {
			return address{}, p.invalidPort(port)
		}
		return address{port: port}, nil
	}
	path := p.command.environ.expand(p.Socket)
	if path != "" && !strings.HasPrefix(path, "@") && !filepath.IsAbs(path) {
		path = filepath.Join(p.command.directory, path)
	}
	if path == "" || len(path) > maxSocketPath {
		return address{}, fmt.Errorf("the socket %s has a path of %d bytes; expected 1 to %d", redact.Text(p.Socket), len(path), maxSocketPath)
	}
	return address{socket: path}, nil
}

// invalidPort returns the error for an invalid port. It quotes the port as the user wrote it, but
// not its value, which may come from a credential.
func (p probe) invalidPort(value string) error {
	what := "not a port"
	if value == "" {
		what = "empty"
	}
	return fmt.Errorf("the value of port %s is %s; expected a number from 1 to 65535", redact.Text(p.Port), what)
}

// host returns the Host header of a request.
func (a address) host() string {
	if a.socket != "" {
		return "localhost"
	}
	return "127.0.0.1:" + a.port
}

// dial also finds a server that listens on IPv6 alone, as one on localhost may.
func (a address) dial(ctx context.Context) (net.Conn, error) {
	var dialer net.Dialer
	if a.socket != "" {
		return dialer.DialContext(ctx, "unix", a.socket)
	}
	connection, err := dialer.DialContext(ctx, "tcp", "127.0.0.1:"+a.port)
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return connection, err
	}
	if other, otherErr := dialer.DialContext(ctx, "tcp", "[::1]:"+a.port); otherErr == nil {
		return other, nil
	}
	return nil, err
}

// asked says what a check probes, for a user. By then, a port is a valid number; a socket is quoted
// as the user wrote it, since the value of a variable may be a secret.
func (p probe) asked(a address) string {
	isHTTP := p.Type == supervision.CheckHTTP
	path := redact.Text(p.path())
	switch {
	case a.socket != "" && isHTTP:
		return "GET " + path + " at the socket " + redact.Text(p.Socket)
	case a.socket != "":
		return "socket " + redact.Text(p.Socket)
	case isHTTP:
		return "GET http://127.0.0.1:" + a.port + path
	default:
		return "port " + a.port
	}
}

// failed describes a failure.
func (p probe) failed(ctx context.Context, a address, err error) error {
	what := p.asked(a)
	var answer answered
	var number syscall.Errno
	var operation *net.OpError
	switch {
	case errors.As(err, &answer):
		return fmt.Errorf("%s: %s", what, answer)
	case ctx.Err() != nil:
		return fmt.Errorf("%s: no answer within %s", what, p.timeout())
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("%s: connection refused", what)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: there is none", what)
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return fmt.Errorf("%s: the connection was closed without an answer", what)
	case a.socket != "" && errors.As(err, &number):
		return fmt.Errorf("%s: %w", what, number) // without the path
	case a.socket != "" && errors.As(err, &operation):
		return fmt.Errorf("%s: %w", what, operation.Err) // also without it
	default:
		return fmt.Errorf("%s: %w", what, err)
	}
}

func (p probe) timeout() time.Duration { return seconds(p.InvocationTimeout, defaultTimeout) }
