package install

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// RetryPolicy says how long to wait for a server, and how often to ask again.
type RetryPolicy struct {
	// Connect limits the time for a connection, Answer the time until the response then starts, and
	// Stall the silence during a transfer.
	Connect, Answer, Stall time.Duration
	// Attempts is how many consecutive attempts may transfer nothing.
	Attempts int
	// Pause is the pause after the first attempt. It doubles up to MaxPause, which also limits what
	// a server may ask for with Retry-After.
	Pause, MaxPause time.Duration
}

// DefaultRetryPolicy suits a staging, which may take some minutes.
var DefaultRetryPolicy = RetryPolicy{
	Connect: 10 * time.Second, Answer: 30 * time.Second, Stall: 30 * time.Second,
	Attempts: 5, Pause: time.Second, MaxPause: 30 * time.Second,
}

// A download reads a file as if nothing ever went wrong: if a connection breaks or stalls, it
// continues with another.
type download struct {
	ctx    context.Context
	uri    *url.URL
	client *http.Client
	retry  RetryPolicy
	logf   func(format string, args ...any)

	offset  int64  // bytes read so far
	size    int64  // -1 while unknown
	version string // of the file, as the server states it; empty if it does not
	whole   bool   // always request the whole file

	body    io.ReadCloser // nil between two connections
	cancel  context.CancelCauseFunc
	silence *time.Timer

	failures int   // consecutive, with less than enough bytes between them
	failedAt int64 // offset at the last failure
	pauses   backoff.ExponentialBackOff
}

// enough is how many bytes have to arrive for a failure to be forgotten: a server that breaks off
// again and again has to make progress.
const enough = 1 << 20

// Read continues with another connection if one fails.
func (d *download) Read(p []byte) (int, error) {
	for {
		n, err := d.read(p)
		d.offset += int64(n)
		if d.offset-d.failedAt >= enough {
			d.failures = 0
			d.pauses.Reset()
		}
		switch {
		case n > 0:
			return n, nil // the error will come again
		case errors.Is(err, io.EOF) && (d.size < 0 || d.offset == d.size):
			return 0, io.EOF
		case errors.Is(err, io.EOF):
			err = errShort
		}
		if err == nil {
			continue
		}
		d.disconnect()
		if err := d.failed(err); err != nil {
			return 0, err
		}
	}
}

func (d *download) read(p []byte) (int, error) {
	if d.body == nil {
		return 0, d.connect()
	}
	if d.offset == d.size {
		return 0, io.EOF
	}
	d.silence.Reset(d.retry.Stall)
	n, err := d.body.Read(p)
	d.silence.Stop()
	return n, err
}

func (d *download) Close() error {
	d.disconnect()
	d.client.CloseIdleConnections()
	return nil
}

func (d *download) disconnect() {
	if d.cancel != nil {
		d.cancel(nil)
	}
	if d.body != nil {
		_ = d.body.Close() // it was only read
		d.body = nil
	}
}

// failed waits before the next attempt, or returns why there is none.
func (d *download) failed(err error) error {
	if cause := context.Cause(d.ctx); cause != nil {
		return cause
	}
	err = rootCause(err)
	if !retryable(err) {
		return err
	}
	d.failedAt = d.offset
	if d.failures++; d.failures >= d.retry.Attempts {
		return fmt.Errorf("gave up after %d attempts: %w", d.failures, err)
	}
	pause := d.pauses.NextBackOff()
	var status *statusError
	if errors.As(err, &status) && status.after > 0 {
		pause = min(status.after, d.retry.MaxPause)
	}
	if d.logf != nil {
		d.logf("Fetching goes on in %s: %s", pause.Round(100*time.Millisecond), err)
	}
	select {
	case <-time.After(pause):
		return nil
	case <-d.ctx.Done():
		return context.Cause(d.ctx)
	}
}

// connect requests what has not been read yet.
func (d *download) connect() error {
	ctx, cancel := context.WithCancelCause(d.ctx)
	d.cancel = cancel
	request, err := d.request(ctx)
	if err != nil {
		return err
	}
	// The client limits each step, but not what SOCKS proxies do.
	silent := time.AfterFunc(2*d.retry.Connect+d.retry.Answer, func() { cancel(errSilent) })
	response, err := d.client.Do(request)
	silent.Stop()
	if err != nil {
		if errors.Is(context.Cause(ctx), errSilent) {
			err = errSilent
		}
		cancel(nil)
		return rootCause(err)
	}
	d.silence = time.AfterFunc(d.retry.Stall, func() { cancel(errStalled) })
	d.silence.Stop()
	d.body = stallable{response.Body, ctx}
	if err := d.accept(response); err != nil {
		d.disconnect()
		return err
	}
	return nil
}

func (d *download) request(ctx context.Context) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.uri.String(), nil)
	if err != nil || d.uri.Hostname() == "" || d.uri.Port() == "0" {
		return nil, fmt.Errorf("%w: the URI makes no request", errPermanent)
	}
	if err := checkProxy(request); err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", "sidecar-buildpack")
	if d.resumes() {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", d.offset))
		if d.version != "" {
			request.Header.Set("If-Range", d.version)
		}
	}
	return request, nil
}

// resumes reports whether only the rest is requested.
func (d *download) resumes() bool { return d.offset > 0 && !d.whole }

// accept checks that the response begins at the right offset. If a server refuses to send the rest,
// for whatever reason, the next attempt requests the whole file.
func (d *download) accept(response *http.Response) error {
	failed := &statusError{response.StatusCode, retryAfter(response.Header.Get("Retry-After"))}
	field := response.Header.Get("Content-Range")
	switch {
	case response.StatusCode == http.StatusOK:
		if d.size = response.ContentLength; d.size >= 0 && d.size < d.offset {
			return fmt.Errorf("%w: %w", errPermanent, errShort) // the file has been replaced
		}
		d.version = version(response.Header)
		return d.skip() // the server ignores ranges, or the file has been replaced
	case !d.resumes():
		return failed
	case response.StatusCode == http.StatusPartialContent && begins(field, d.offset):
		return nil
	case response.StatusCode == http.StatusPartialContent:
		d.whole = true
		return fmt.Errorf("%w: it sends a different part than requested", errNotResumed)
	case response.StatusCode == http.StatusRequestedRangeNotSatisfiable && d.size < 0 && field == fmt.Sprintf("bytes */%d", d.offset):
		d.size = d.offset // so the file is complete
		return nil
	case failed.passes():
		return failed
	default:
		d.whole = true
		return fmt.Errorf("%w: %w", errNotResumed, failed)
	}
}

// begins reports whether a Content-Range begins at an offset.
func begins(field string, offset int64) bool {
	start, _, ok := strings.Cut(strings.TrimPrefix(field, "bytes "), "-")
	return ok && start == strconv.FormatInt(offset, 10)
}

// skip discards what has already been read.
func (d *download) skip() error {
	known := make([]byte, min(d.offset, bufferSize))
	for left := d.offset; left > 0; {
		d.silence.Reset(d.retry.Stall)
		n, err := d.body.Read(known[:min(left, int64(len(known)))])
		d.silence.Stop()
		if left -= int64(n); err != nil && left > 0 {
			return rootCause(err)
		}
	}
	return nil
}

// version returns what identifies this version of the file, for If-Range.
func version(header http.Header) string {
	if tag := header.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		return tag
	}
	return ""
}

// A stallable body reports why its connection was given up, even instead of io.EOF: a server may
// then end an incomplete response regularly.
type stallable struct {
	io.ReadCloser
	ctx context.Context
}

func (s stallable) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if cause := context.Cause(s.ctx); err != nil && cause != nil {
		return n, cause
	}
	return n, err
}
