package gitsource

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/transport"
)

// maxFailure is how many bytes of an error response are read. None of it is shown.
const maxFailure = 64 << 10

// boundedTransport cuts off each answer at the limit for its kind.
type boundedTransport struct {
	next   *http.Transport
	limits Limits
}

// RoundTrip implements http.RoundTripper.
func (b *boundedTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := b.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	limit := &limitError{"a list of branches and tags", b.limits.References, "bytes"}
	switch {
	case response.StatusCode != http.StatusOK:
		limit = &limitError{"a failure", maxFailure, "bytes"}
	case strings.HasSuffix(request.URL.Path, "/"+transport.UploadPackServiceName):
		limit = &limitError{"a commit", b.limits.Pack, "bytes, compressed"}
	}
	response.Body = &boundedBody{response.Body, request.Context(), limit.limit, limit}
	if response.StatusCode == http.StatusOK && strings.HasSuffix(request.URL.Path, "/info/refs") {
		if err := checkAdvertisement(response); err != nil {
			return nil, errors.Join(err, response.Body.Close())
		}
	}
	return response, nil
}

type boundedBody struct {
	io.ReadCloser
	ctx       context.Context
	remaining int64
	limit     *limitError
}

func (b *boundedBody) Read(buffer []byte) (int, error) {
	if b.remaining < 0 {
		return 0, b.limit
	}
	n, err := b.ReadCloser.Read(buffer)
	if n > 0 {
		progress(b.ctx)
	}
	if b.remaining -= int64(n); b.remaining < 0 {
		return n, b.limit
	}
	return n, err
}
