package api

import (
	"log"
	"net/http"
	"strconv"
)

const health = `{"status":"UP"}`

// NewHandler compares paths itself: http.ServeMux would answer some of them
// with a redirect, which not every client follows.
func NewHandler(config []byte, logger *log.Logger) http.Handler {
	return http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		if !isLocal(request) {
			http.Error(response, "421 misdirected request: expected the host localhost, 127.0.0.1 or [::1]", http.StatusMisdirectedRequest)
			return
		}
		switch request.URL.Path {
		case "/config", "/config/":
			if allowed(response, request) {
				logger.Print("Received a request for config.")
				respond(response, config)
			}
		case "/health":
			if allowed(response, request) {
				respond(response, []byte(health))
			}
		default:
			http.NotFound(response, request)
		}
	})
}

func allowed(response http.ResponseWriter, request *http.Request) bool {
	if request.Method == http.MethodGet || request.Method == http.MethodHead {
		return true
	}
	response.Header().Set("Allow", "GET, HEAD")
	http.Error(response, "405 method not allowed", http.StatusMethodNotAllowed)
	return false
}

func respond(response http.ResponseWriter, body []byte) {
	response.Header().Set("Content-Type", "application/json")
	response.Header().Set("Content-Length", strconv.Itoa(len(body)))
	response.Header().Set("Cache-Control", "no-store") // secrets
	// A failure means that the client has gone.
	_, _ = response.Write(body)
}
