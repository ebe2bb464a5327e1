package api

import (
	"errors"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// maxWait is the longest time that a request can wait for a change.
const maxWait = 5 * time.Minute

// queryParser parses a query, such as url.ParseQuery.
type queryParser func(query string) (url.Values, error)

// serve answers with a subject's current answer, with 304 if the client already has it, or, with ?wait=, as soon
// as the answer changes.
func (h *Handler) serve(response http.ResponseWriter, request *http.Request, subject *keep.Subject, parse queryParser, render renderer) {
	snapshot := subject.Current()
	r, err := render(request.Context(), snapshot.Answer)
	if err != nil {
		h.refuse(response, request, err)
		return
	}
	var wait time.Duration
	var since string
	if request.URL.RawQuery != "" {
		query, parsing := parse(request.URL.RawQuery)
		if parsing != nil {
			http.Error(response, "400 bad request: the query cannot be read: expected one such as ?wait=30s&since=TAG", http.StatusBadRequest)
			return
		}
		if wait, since, err = poll(query); err != nil {
			http.Error(response, "400 bad request: "+err.Error(), http.StatusBadRequest)
			return
		}
	}
	setHeaders(response.Header(), r, snapshot, h.settings.Clock)
	if since == "" && request.Header["If-None-Match"] == nil || !has(request, since, r, snapshot) {
		// An error means that the client has disconnected.
		_, _ = response.Write(r.body)
		runtime.KeepAlive(r) // other responses share it
		return
	}
	if wait > 0 && h.waiting.hold(response, func(c *client) { c.awaitChange(request.Method, subject, r.tag, render, wait) }) {
		return
	}
	delete(response.Header(), "Content-Length")
	response.WriteHeader(http.StatusNotModified)
}

// refuse answers if the requested form of an answer cannot be rendered.
func (h *Handler) refuse(response http.ResponseWriter, request *http.Request, err error) {
	if e, ok := errors.AsType[*springError](err); ok {
		h.refuseAsSpring(response, request, e.err)
		return
	}
	if errors.Is(err, errNoKey) {
		http.NotFound(response, request)
		return
	}
	http.Error(response, "500 internal server error: the configuration has no such form: "+printable.Line(err.Error()), http.StatusInternalServerError)
}

// poll parses ?wait=30s&since=VERSION. A number without a unit is in seconds.
func poll(query url.Values) (wait time.Duration, since string, err error) {
	since = query.Get("since")
	text := query.Get("wait")
	if text == "" {
		return 0, since, nil
	}
	if seconds, err := strconv.ParseUint(text, 10, 64); err == nil {
		wait = time.Duration(min(seconds, uint64(maxWait/time.Second))) * time.Second
	} else if wait, err = time.ParseDuration(text); err != nil || wait < 0 {
		return 0, "", errors.New("wait is not a duration: expected one such as 30s")
	}
	return min(wait, maxWait), since, nil
}
