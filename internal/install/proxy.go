package install

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// proxySchemes lists the schemes of proxies that package http supports.
var proxySchemes = []string{"http", "https", "socks5", "socks5h"}

// checkProxy rejects a proxy of the environment that can never work.
func checkProxy(request *http.Request) error {
	proxy, err := http.ProxyFromEnvironment(request)
	switch {
	case err != nil, proxy != nil && strings.HasPrefix(proxy.Path, "//"):
		// The original error contains the address. Package http retries an address that it cannot
		// parse with http:// in front, even if that is already there.
		return fmt.Errorf("%w: the proxy of the environment has an address that cannot be read", errPermanent)
	case proxy != nil && !slices.Contains(proxySchemes, proxy.Scheme):
		return fmt.Errorf("%w: found a proxy with the scheme %q in the environment; expected http, https or socks5", errPermanent, proxy.Scheme)
	default:
		return nil
	}
}

// acceptProxy returns why a proxy does not connect to an https server.
func acceptProxy(_ context.Context, _ *url.URL, _ *http.Request, response *http.Response) error {
	if response.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyError{statusError{response.StatusCode, retryAfter(response.Header.Get("Retry-After"))}}
}

// A proxyError is the response of a proxy that does not connect.
type proxyError struct{ statusError }

func (e *proxyError) Error() string { return "the proxy answers " + describeStatus(e.status) }

func (e *proxyError) Unwrap() error { return &e.statusError }
