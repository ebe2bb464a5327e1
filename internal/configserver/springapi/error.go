package springapi

import (
	"errors"
	"net/http"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/forms"
)

// WriteError answers as Spring's server does to an error of Parse or Render, or an *environment.NotFoundError.
// Any other error is a 500. The body says no more than the status.
func WriteError(response http.ResponseWriter, request *http.Request, err error, now time.Time) {
	answer := errorOf(err)
	if answer.allow != "" {
		response.Header().Set("Allow", answer.allow)
	}
	mediaType := errorType(request.Header)
	if answer.empty || mediaType == "" {
		response.WriteHeader(answer.Status)
		return
	}
	body := errorBody(mediaType, answer.Status, request.URL.EscapedPath(), now.UTC())
	response.Header().Set("Content-Type", mediaType)
	response.WriteHeader(answer.Status)
	_, _ = response.Write(body) // an error means that the client has disconnected
}

func errorOf(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if _, ok := errors.AsType[*environment.NotFoundError](err); ok {
		return &Error{Status: http.StatusNotFound}
	}
	if errors.Is(err, forms.ErrInvalid) {
		return &Error{Status: http.StatusBadRequest}
	}
	return &Error{Status: http.StatusInternalServerError}
}
