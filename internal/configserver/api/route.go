package api

import (
	"net/http"
	"net/url"
	"strings"
)

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	if !h.hosts.isLocal(request) {
		http.Error(response, "421 misdirected request: expected the host localhost, 127.0.0.1 or [::1]", http.StatusMisdirectedRequest)
		return
	}
	switch path := request.URL.Path; {
	case path == "/config", path == "/config/":
		if allowed(response, request) {
			h.serveMain(response, request, h.rendered.config)
		}
	case path == "/health":
		if allowed(response, request) {
			h.serveHealth(response)
		}
	case path == "/events":
		if allowed(response, request) {
			h.serveEvents(response, request)
		}
	case strings.HasPrefix(path, "/config/"):
		if allowed(response, request) {
			h.serveMain(response, request, h.rendered.key(request))
		}
	default:
		h.serveSpring(response, request)
	}
}

// serveMain answers with the app's own configuration.
func (h *Handler) serveMain(response http.ResponseWriter, request *http.Request, render renderer) {
	h.requests.received()
	main := h.settings.Keeper.Main()
	if main.Current() == nil {
		unavailable(response)
		return
	}
	h.serve(response, request, main, url.ParseQuery, render)
}
