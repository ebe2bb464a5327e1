package install

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// proxySchemes are those of proxies that package http knows.
var proxySchemes = []string{"http", "https", "socks5", "socks5h"}

// checkProxy refuses a proxy of the environment that no attempt would reach.
func checkProxy(request *http.Request) error {
	proxy, err := http.ProxyFromEnvironment(request)
	switch {
	case err != nil, proxy != nil && strings.HasPrefix(proxy.Path, "//"):
		// The error prints the address. Where one with http:// in front cannot be read,
		// package http tries it with another http:// in front.
		return fmt.Errorf("%w: the proxy of the environment has an address that cannot be read", errPermanent)
	case proxy != nil && !slices.Contains(proxySchemes, proxy.Scheme):
		return fmt.Errorf("%w: found a proxy with the scheme %q in the environment; expected http, https or socks5", errPermanent, proxy.Scheme)
	default:
		return nil
	}
}

// acceptProxy returns why a proxy does not connect to a server that speaks https.
func acceptProxy(_ context.Context, _ *url.URL, _ *http.Request, response *http.Response) error {
	if response.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyError{statusError{response.StatusCode, retryAfter(response.Header.Get("Retry-After"))}}
}

// A proxyError is the answer of a proxy that does not connect.
type proxyError struct{ statusError }

func (e *proxyError) Error() string { return "the proxy answers " + describeStatus(e.status) }

func (e *proxyError) Unwrap() error { return &e.statusError }
