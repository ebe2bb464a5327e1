package api

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
)

// serveSpring answers as Spring Cloud Config Server does: /{application}/{profiles}[/{label}].
func (h *Handler) serveSpring(response http.ResponseWriter, request *http.Request) {
	asked, render, ok := route(request)
	if !ok {
		http.NotFound(response, request)
		return
	}
	if !allowed(response, request) {
		return
	}
	h.requests.received()
	subject, err := h.settings.Keeper.Get(request.Context(), asked)
	if _, ok := errors.AsType[*environment.NotFoundError](err); ok {
		http.NotFound(response, request)
		return
	}
	if err != nil {
		unavailable(response)
		return
	}
	h.serve(response, request, subject, render)
}

func route(request *http.Request) (environment.Request, renderer, bool) {
	parts := strings.Split(strings.TrimPrefix(request.URL.Path, "/"), "/")
	if len(parts) < 2 || len(parts) > 3 || slices.ContainsFunc(parts, isNoName) {
		return environment.Request{}, nil, false
	}
	asked := environment.Request{Application: parts[0], Profiles: strings.Split(parts[1], ",")}
	if len(parts) == 3 {
		asked.Label = strings.ReplaceAll(parts[2], "(_)", "/")
	}
	return asked, func(answer *keep.Answer) (*representation, error) {
		return represent(encode(answer.Environment), jsonType), nil
	}, true
}

func isNoName(part string) bool { return part == "" || part == "." || part == ".." }
