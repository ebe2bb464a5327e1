package platform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// A probe makes the single checks of an instance, in the words of the platform's
// healthcheck program (cloudfoundry/healthcheck). That asks an address of the container
// that is not loopback (CF-44). A probe asks loopback alone, and decides by the
// instance's sockets whether the platform's check would have been answered.
type probe struct {
	kind     push.HealthCheckType
	endpoint string        // path, for http
	timeout  time.Duration // of one check
	port     int
	// listeners are the sockets of the instance; false where they are not known.
	listeners func() ([]listener, bool)
	// names are what the instance's processes are called in a message.
	names []string
}

// check is nil where the check passes.
func (p probe) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	for tries := 0; ; tries++ {
		sockets, known := p.listeners()
		if !known {
			return p.ask(ctx)
		}
		own := listeningOn(p.port, sockets)
		if all(own, listener.isLoopback) {
			return p.unreached(&loopbackError{name: p.name(own[0]), addresses: addresses(own)})
		}
		if p.kind == push.HealthCheckPort && len(own) > 0 && !slices.ContainsFunc(own, listener.answersLoopback) {
			return nil // nothing is sent to that address
		}
		err := p.ask(ctx)
		switch {
		case errors.Is(err, syscall.ECONNREFUSED):
			return p.explained(err, own, sockets)
		case err != nil:
			return err
		case len(own) > 0:
			return nil
		case tries > 0: // it has not begun to listen after the first look
			return p.failure("no process of the instance listens there, but another program of this machine does")
		}
	}
}

// explained adds to a refused connection what the instance's sockets tell of it.
func (p probe) explained(err error, own, sockets []listener) error {
	elsewhere := slices.DeleteFunc(slices.Clone(sockets), func(l listener) bool {
		// Behind a proxy, the app has a port of its own, on which it is meant to listen.
		return l.owner != 0 || l.port != strconv.Itoa(p.port)
	})
	switch {
	case len(own) == 0 && len(elsewhere) > 0:
		return fmt.Errorf("%w; %s listens on %s, and not on port %d: have it listen on 0.0.0.0:$PORT", err, p.name(elsewhere[0]), addresses(elsewhere), p.port)
	case all(own, listener.isIPv6):
		return fmt.Errorf("%w; %s listens on %s, and the platform asks by IPv4: have it listen on 0.0.0.0:$PORT", err, p.name(own[0]), addresses(own))
	case len(own) > 0 && !slices.ContainsFunc(own, listener.answersLoopback):
		return fmt.Errorf("%w; %s listens on %s alone, and here 127.0.0.1 is asked: have it listen on 0.0.0.0:$PORT", err, p.name(own[0]), addresses(own))
	default:
		return err
	}
}

func (p probe) name(l listener) string {
	if l.owner < 0 || l.owner >= len(p.names) {
		return "the instance"
	}
	return p.names[l.owner]
}

// failure is a check that has failed, as the healthcheck program says it.
func (p probe) failure(why string, args ...any) error {
	if p.kind == push.HealthCheckHTTP {
		return fmt.Errorf("failed to make HTTP request to '%s' on port %d: "+why, append([]any{p.endpoint, p.port}, args...)...)
	}
	return fmt.Errorf("failed to make TCP connection to %s: "+why, append([]any{p.address()}, args...)...)
}

// unreached is a check that fails on the platform, though loopback answers here.
func (p probe) unreached(why error) error {
	if p.kind == push.HealthCheckHTTP {
		return p.failure("connection refused: %w", why)
	}
	return fmt.Errorf("failed to make TCP connection to port %d of the container: connection refused: %w", p.port, why)
}

// A loopbackError says that an instance listens where the platform does not ask.
type loopbackError struct{ name, addresses string }

func (e *loopbackError) Error() string {
	return fmt.Sprintf("%s listens on %s alone, and the platform asks the container's other addresses; have it listen on 0.0.0.0:$PORT", e.name, e.addresses)
}

func (p probe) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port)) }

// ask asks loopback, and is nil where the answer is right.
func (p probe) ask(ctx context.Context) error {
	if p.kind == push.HealthCheckHTTP {
		return p.get(ctx)
	}
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.address())
	switch {
	case ctx.Err() != nil:
		return p.failure("timed out after %.2f seconds", p.timeout.Seconds())
	case err != nil:
		return p.failure("%w", err)
	}
	return connection.Close()
}

func (p probe) get(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.address()+p.endpoint, nil)
	if err != nil {
		return fmt.Errorf("failed to create an HTTP request to '%s' on port %d", p.endpoint, p.port)
	}
	request.Header.Set("User-Agent", "diego-healthcheck")
	request.Header.Set("X-Forwarded-Proto", "https")
	began := time.Now()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: stayOnLoopback}
	response, err := client.Do(request)
	var away *redirectError
	switch {
	case errors.As(err, &away):
		return p.failure("%w", away)
	case ctx.Err() != nil:
		return p.failure("timed out after %.2f seconds", p.timeout.Seconds())
	case errors.Is(err, syscall.ECONNREFUSED):
		return p.failure("%w", syscall.ECONNREFUSED)
	case err != nil:
		return p.failure("connection refused") // the healthcheck program has no other words
	}
	taken := time.Since(began).Milliseconds()
	_, _ = io.Copy(io.Discard, response.Body) // its status is all that counts
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return p.failure("received status code %d in %dms", response.StatusCode, taken)
	}
	return nil
}

// maxRedirects is how many Go's own client follows.
const maxRedirects = 10

// stayOnLoopback keeps a redirect from leading away from this machine.
func stayOnLoopback(request *http.Request, via []*http.Request) error {
	host := request.URL.Hostname()
	address, err := netip.ParseAddr(host)
	switch {
	case host != "localhost" && (err != nil || !address.IsLoopback()):
		return &redirectError{to: request.URL.Scheme + "://" + request.URL.Host} // the rest may be a secret
	case len(via) >= maxRedirects:
		return fmt.Errorf("stopped after %d redirects", maxRedirects)
	}
	return nil
}

// A redirectError says that the app's answer leads to another machine.
type redirectError struct{ to string }

func (e *redirectError) Error() string {
	return fmt.Sprintf("it leads to %s, and here nothing but loopback is asked", printable.OneLine(e.to))
}
