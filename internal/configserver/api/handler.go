// Package api answers the app's requests for its configuration.
package api

import (
	"log"
	"net/http"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
)

// Settings configures a Handler.
type Settings struct {
	Keeper *keep.Keeper
	// Raw is the configuration as JSON if it comes from a single source and never changes. /config serves these
	// bytes.
	Raw    []byte
	Clock  clock.Clock
	Logger *log.Logger
}

// Handler serves requests. It matches paths itself: http.ServeMux would answer some of them with a redirect,
// which not every client follows.
type Handler struct {
	settings Settings
	hosts    hostCheck
	requests *requestLog
	rendered rendering
	forms    *formCache
	waiting  *waiting
}

// NewHandler returns a handler. Close it once no more requests arrive.
func NewHandler(settings Settings) *Handler {
	forms := newFormCache()
	return &Handler{
		settings: settings, requests: newRequestLog(settings.Logger),
		rendered: rendering{raw: settings.Raw, forms: forms}, forms: forms, waiting: newWaiting(settings.Clock),
	}
}

// Close ends all requests that are waiting for a change.
func (h *Handler) Close() {
	h.waiting.close()
	h.requests.close()
}

func allowed(response http.ResponseWriter, request *http.Request) bool {
	if request.Method == http.MethodGet || request.Method == http.MethodHead {
		return true
	}
	response.Header().Set("Allow", "GET, HEAD")
	http.Error(response, "405 method not allowed", http.StatusMethodNotAllowed)
	return false
}

// unavailable says that there is no answer yet. /health says why.
func unavailable(response http.ResponseWriter) {
	response.Header().Set("Retry-After", "1")
	http.Error(response, "503 service unavailable: no source has given this configuration yet: see /health", http.StatusServiceUnavailable)
}
