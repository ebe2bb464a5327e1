package watch

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

// A Probe makes the single checks of an instance, in the words of the platform's
// healthcheck program (cloudfoundry/healthcheck). That asks an address of the container
// that is not loopback (CF-44). A probe asks loopback alone, and decides by the
// instance's sockets whether the platform's check would have been answered.
type Probe struct {
	Kind     push.HealthCheckType
	Endpoint string        // path, for http
	Timeout  time.Duration // of one check
	Port     int
	// Listeners are the sockets of the instance; false where they are not known.
	Listeners func() ([]Listener, bool)
	// Names are what the instance's processes are called in a message.
	Names []string
}

// Check is nil where the check passes.
func (p Probe) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	for tries := 0; ; tries++ {
		sockets, known := p.Listeners()
		if !known {
			return p.ask(ctx)
		}
		own := listeningOn(p.Port, sockets)
		if all(own, Listener.isLoopback) {
			return p.unreached(&LoopbackError{name: p.name(own[0]), addresses: addresses(own)})
		}
		if p.Kind == push.HealthCheckPort && len(own) > 0 && !slices.ContainsFunc(own, Listener.answersLoopback) {
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
func (p Probe) explained(err error, own, sockets []Listener) error {
	elsewhere := slices.DeleteFunc(slices.Clone(sockets), func(l Listener) bool {
		// Behind a proxy, the app has a port of its own, on which it is meant to listen.
		return l.owner != 0 || l.port != strconv.Itoa(p.Port)
	})
	switch {
	case len(own) == 0 && len(elsewhere) > 0:
		return fmt.Errorf("%w; %s listens on %s, and not on port %d: have it listen on 0.0.0.0:$PORT", err, p.name(elsewhere[0]), addresses(elsewhere), p.Port)
	case all(own, Listener.isIPv6):
		return fmt.Errorf("%w; %s listens on %s, and the platform asks by IPv4: have it listen on 0.0.0.0:$PORT", err, p.name(own[0]), addresses(own))
	case len(own) > 0 && !slices.ContainsFunc(own, Listener.answersLoopback):
		return fmt.Errorf("%w; %s listens on %s alone, and here 127.0.0.1 is asked: have it listen on 0.0.0.0:$PORT", err, p.name(own[0]), addresses(own))
	default:
		return err
	}
}

func (p Probe) name(l Listener) string {
	if l.owner < 0 || l.owner >= len(p.Names) {
		return "the instance"
	}
	return p.Names[l.owner]
}

// failure is a check that has failed, as the healthcheck program says it.
func (p Probe) failure(why string, args ...any) error {
	if p.Kind == push.HealthCheckHTTP {
		return fmt.Errorf("failed to make HTTP request to '%s' on port %d: "+why, append([]any{p.Endpoint, p.Port}, args...)...)
	}
	return fmt.Errorf("failed to make TCP connection to %s: "+why, append([]any{p.address()}, args...)...)
}

// unreached is a check that fails on the platform, though loopback answers here.
func (p Probe) unreached(why error) error {
	if p.Kind == push.HealthCheckHTTP {
		return p.failure("connection refused: %w", why)
	}
	return fmt.Errorf("failed to make TCP connection to port %d of the container: connection refused: %w", p.Port, why)
}

// A LoopbackError says that an instance listens where the platform does not ask.
type LoopbackError struct{ name, addresses string }

func (e *LoopbackError) Error() string {
	return fmt.Sprintf("%s listens on %s alone, and the platform asks the container's other addresses; have it listen on 0.0.0.0:$PORT", e.name, e.addresses)
}

func (p Probe) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.Port)) }

// ask asks loopback, and is nil where the answer is right.
func (p Probe) ask(ctx context.Context) error {
	if p.Kind == push.HealthCheckHTTP {
		return p.get(ctx)
	}
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.address())
	switch {
	case ctx.Err() != nil:
		return p.failure("timed out after %.2f seconds", p.Timeout.Seconds())
	case err != nil:
		return p.failure("%w", err)
	}
	return connection.Close()
}

func (p Probe) get(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.address()+p.Endpoint, nil)
	if err != nil {
		return fmt.Errorf("failed to create an HTTP request to '%s' on port %d", p.Endpoint, p.Port)
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
		return p.failure("timed out after %.2f seconds", p.Timeout.Seconds())
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
