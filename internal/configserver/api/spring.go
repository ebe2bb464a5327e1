package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springapi"
)

// serveSpring answers like Spring Cloud Config Server.
func (h *Handler) serveSpring(response http.ResponseWriter, request *http.Request) {
	route, err := springapi.Parse(request)
	if err != nil && h.settings.Raw != nil {
		http.NotFound(response, request) // as before there were other sources
		return
	}
	if err != nil {
		h.refuseAsSpring(response, request, err)
		return
	}
	h.requests.received()
	subject, err := h.settings.Keeper.Get(request.Context(), route.Request)
	if _, ok := errors.AsType[*environment.NotFoundError](err); ok {
		h.refuseAsSpring(response, request, err)
		return
	}
	if err != nil {
		unavailable(response)
		return
	}
	h.serve(response, request, subject, springapi.ParseQuery, func(ctx context.Context, answer *keep.Answer) (*representation, error) {
		return h.forms.of(ctx, answer, route.Key(), func() (*representation, error) {
			body, contentType, err := route.Render(answer.Environment)
			if err != nil {
				return nil, &springError{err}
			}
			return represent(body, contentType), nil
		})
	})
}
