package api

import (
	"net/http"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springapi"
)

// springError is an error that is reported in the form that Spring's clients know.
type springError struct{ err error }

func (e *springError) Error() string { return e.err.Error() }
func (e *springError) Unwrap() error { return e.err }

func (h *Handler) refuseAsSpring(response http.ResponseWriter, request *http.Request, err error) {
	springapi.WriteError(response, request, err, h.settings.Clock.Now())
}
