package springapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/forms"
)

// WriteError answers as Spring's server does to an error of Parse or Render, or an *environment.NotFoundError.
// Any other error is a 500. The body says no more than the status.
func WriteError(response http.ResponseWriter, request *http.Request, err error, now time.Time) {
	status, empty := statusOf(err)
	mediaType := errorType(request.Header)
	if empty || mediaType == "" {
		response.WriteHeader(status)
		return
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // Jackson writes & < > as they are
	_ = encoder.Encode(struct {  // it cannot fail
		Timestamp string `json:"timestamp"`
		Status    int    `json:"status"`
		Error     string `json:"error"`
		Path      string `json:"path"`
	}{now.UTC().Format("2006-01-02T15:04:05.000Z"), status, http.StatusText(status), request.URL.EscapedPath()})
	response.Header().Set("Content-Type", mediaType)
	response.WriteHeader(status)
	_, _ = response.Write(bytes.TrimSuffix(body.Bytes(), []byte("\n"))) // an error means that the client has disconnected
}

func statusOf(err error) (status int, empty bool) {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status, e.empty
	}
	if _, ok := errors.AsType[*environment.NotFoundError](err); ok {
		return http.StatusNotFound, false
	}
	if errors.Is(err, forms.ErrInvalid) {
		return http.StatusBadRequest, false
	}
	return http.StatusInternalServerError, false
}
