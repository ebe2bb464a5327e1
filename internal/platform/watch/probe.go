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

// A Probe makes single checks of an instance, with the messages of the platform's healthcheck
// program (cloudfoundry/healthcheck). That program connects to an address of the container that is
// not loopback (CF-44). A probe connects only to loopback, and finds out from the instance's
// sockets whether the platform's check would have passed.
type Probe struct {
	Kind     push.HealthCheckType
	Endpoint string        // path, for http
	Timeout  time.Duration // for one check
	Port     int
	// Listeners returns the sockets of the instance; false if they are not known.
	Listeners func() ([]Listener, bool)
	// Names are the names of the instance's processes in messages.
	Names []string
}

// Check makes one check, and returns nil if it passes.
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
			return nil // nothing was sent to that address
		}
		err := p.ask(ctx)
		switch {
		case errors.Is(err, syscall.ECONNREFUSED):
			return p.explained(err, own, sockets)
		case err != nil:
			return err
		case len(own) > 0:
			return nil
		case tries > 0: // it did not start to listen between both looks
			return p.failure("no process of the instance listens there, but another program of this machine does")
		}
	}
}

// explained adds to a refused connection where the instance's processes listen.
func (p Probe) explained(err error, own, sockets []Listener) error {
	elsewhere := slices.DeleteFunc(slices.Clone(sockets), func(l Listener) bool {
		// Behind a proxy, the app is supposed to listen on its own port.
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

// failure returns the error of a failed check in the healthcheck program's words.
func (p Probe) failure(why string, args ...any) error {
	if p.Kind == push.HealthCheckHTTP {
		return fmt.Errorf("failed to make HTTP request to '%s' on port %d: "+why, append([]any{p.Endpoint, p.Port}, args...)...)
	}
	return fmt.Errorf("failed to make TCP connection to %s: "+why, append([]any{p.address()}, args...)...)
}

// unreached is the error for a check that would fail on the platform, although loopback answers
// here.
func (p Probe) unreached(why error) error {
	if p.Kind == push.HealthCheckHTTP {
		return p.failure("connection refused: %w", why)
	}
	return fmt.Errorf("failed to make TCP connection to port %d of the container: connection refused: %w", p.Port, why)
}

// A LoopbackError says that an instance listens where the platform does not check.
type LoopbackError struct{ name, addresses string }

func (e *LoopbackError) Error() string {
	return fmt.Sprintf("%s listens on %s alone, and the platform asks the container's other addresses; have it listen on 0.0.0.0:$PORT", e.name, e.addresses)
}

func (p Probe) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.Port)) }

// ask sends a request to loopback, and returns nil if the answer is right.
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
		return p.failure("connection refused") // the healthcheck program says nothing else
	}
	taken := time.Since(began).Milliseconds()
	_, _ = io.Copy(io.Discard, response.Body) // only its status counts
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return p.failure("received status code %d in %dms", response.StatusCode, taken)
	}
	return nil
}

// maxRedirects is the limit of Go's default client.
const maxRedirects = 10

// stayOnLoopback refuses redirects to another machine.
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

// A redirectError says that the app redirects to another machine.
type redirectError struct{ to string }

func (e *redirectError) Error() string {
	return fmt.Sprintf("it leads to %s, and here nothing but loopback is asked", printable.OneLine(e.to))
}
