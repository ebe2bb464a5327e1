package install

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// Redirect returns where a server redirects an http or https URI to, without following the
// redirect. The error says what the server does instead. It makes a single request.
func (f *Fetcher) Redirect(ctx context.Context, uri string) (*url.URL, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
	if err != nil {
		return nil, errors.New("the URI makes no request")
	}
	if err := checkProxy(request); err != nil {
		return nil, err
	}
	client := f.client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		return nil, rootCause(err)
	}
	defer response.Body.Close() // it was not read
	to, err := response.Location()
	if err != nil {
		return nil, fmt.Errorf("the server answers %s, without an address to redirect to", describeStatus(response.StatusCode))
	}
	return to, nil
}
