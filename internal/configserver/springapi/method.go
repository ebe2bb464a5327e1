package springapi

import (
	"net/http"
	"slices"
)

// checkMethod rejects the methods that a server rejects for any path: Tomcat rejects TRACE, and Spring's firewall
// those that it does not know.
func checkMethod(method string) error {
	if method == http.MethodTrace {
		return &Error{Status: http.StatusMethodNotAllowed, allow: "HEAD, DELETE, POST, GET, OPTIONS, PUT"}
	}
	known := []string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	if !slices.Contains(known, method) {
		return &Error{Status: http.StatusBadRequest}
	}
	return nil
}

// checkReading returns the answer to any other request than GET and HEAD for an existing route.
func checkReading(method string) error {
	switch method {
	case http.MethodGet, http.MethodHead:
		return nil
	case http.MethodOptions:
		return &Error{Status: http.StatusOK, empty: true, allow: "GET,HEAD,OPTIONS"}
	}
	return &Error{Status: http.StatusMethodNotAllowed, allow: http.MethodGet}
}
