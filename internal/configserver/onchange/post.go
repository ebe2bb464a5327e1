package onchange

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	postTimeout = 10 * time.Second // of each attempt
	attempts    = 5
)

func post(address, port string) (*Action, error) {
	if strings.HasPrefix(address, "/") && port != "" {
		address = "http://127.0.0.1:" + port + address
	}
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "http" || parsed.User != nil || !isLoopback(parsed.Hostname()) {
		return nil, fmt.Errorf("%s has no address of the app: expected a path such as /actuator/refresh, or one at http://127.0.0.1 with its port", Variable)
	}
	return &Action{address: address}, nil
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// post sends the app a POST request without a body. It retries while the app does not answer, or answers with a
// server error.
func (a *Action) post(ctx context.Context) (done string, err error) {
	client := &http.Client{
		Timeout:       postTimeout,
		Transport:     &http.Transport{DisableKeepAlives: true}, // and without a proxy
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	status, err := backoff.Retry(ctx, func() (string, error) { return postOnce(ctx, client, a.address) }, backoff.WithMaxTries(attempts))
	if err != nil {
		return "", err
	}
	return "the app answered " + status, nil
}

func postOnce(ctx context.Context, client *http.Client, address string) (status string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, nil)
	if err != nil {
		return "", backoff.Permanent(err)
	}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20)) // the body does not matter
	_ = response.Body.Close()
	switch {
	case response.StatusCode < 300:
		return response.Status, nil
	case response.StatusCode < 500:
		return "", backoff.Permanent(fmt.Errorf("POST %s: %s; expected a status from 200 to 299", request.URL.Path, response.Status))
	default:
		return "", fmt.Errorf("POST %s: %s", request.URL.Path, response.Status)
	}
}
