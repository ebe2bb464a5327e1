package api

import "net/http"

// serveEvents reports changes of the app's configuration as server-sent events. The first event describes the
// current configuration, unless the client names it in Last-Event-ID.
func (h *Handler) serveEvents(response http.ResponseWriter, request *http.Request) {
	if request.Method == http.MethodHead {
		response.Header().Set("Content-Type", "text/event-stream")
		response.Header()["Cache-Control"] = noStore
		return
	}
	last := request.Header.Get("Last-Event-Id")
	subject := h.settings.Keeper.Main()
	if !h.waiting.hold(response, func(c *client) { c.sendEvents(subject, last, h.rendered.config) }) {
		http.Error(response, "503 service unavailable: stopping", http.StatusServiceUnavailable)
	}
}
