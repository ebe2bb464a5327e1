package springsource

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/outbound"
)

// accepted prefers answers without the origin of each value, which may take three times as much text. Some
// servers only have the other form.
const accepted = "application/json, application/vnd.spring-cloud.config-server.v2+json;q=0.9"

const stateHeader = "X-Config-State"

// routerHeader marks answers of Cloud Foundry's router itself, such as 404 for a stopped app: the server may
// only be restarting after an update (gorouter, handlers/lookup.go).
const routerHeader = "X-Cf-Routererror"

// pathOf returns /application/profiles or /application/profiles/label, unescaped.
func pathOf(request environment.Request) (string, error) {
	profiles := strings.Join(request.Profiles, ",")
	if profiles == "" {
		profiles = "default"
	}
	path := ""
	for _, part := range []string{request.Application, profiles, request.Label} {
		if part == "" && path != "" {
			continue
		}
		// This is how Spring's server and clients write a slash inside a part of the path
		// (Environment.denormalize).
		part = strings.ReplaceAll(part, "/", "(_)")
		if part == "" || part == "." || part == ".." || strings.ContainsAny(part, "\\;%\x00\r\n") {
			return "", &environment.NotFoundError{Message: "found a name that no application, profile or label has; expected names as they are in addresses"}
		}
		path += "/" + part
	}
	return path, nil
}

func newRequest(ctx context.Context, address *url.URL, path, state string) (*http.Request, error) {
	to := *address
	to.Path += path
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, to.String(), nil)
	if err != nil {
		return nil, errors.New("failed to build a request from the application, its profiles and the label")
	}
	request.Header.Set("Accept", accepted)
	if state != "" {
		request.Header.Set(stateHeader, state)
	}
	return request, nil
}

// statusError is an answer other than 200. It leaves out the server's message, which may contain secrets.
type statusError struct {
	status int
	advice string
	wraps  error
}

func (e *statusError) Error() string {
	said := "found the status " + outbound.Status(e.status) + "; expected 200"
	if e.advice != "" {
		said += ": " + e.advice
	}
	return said
}

func (e *statusError) Unwrap() error { return e.wraps }

func (s *Source) refusal(response *http.Response) error {
	status := response.StatusCode
	switch {
	case response.Header.Get(routerHeader) != "":
		return &statusError{status: status, advice: "the platform's router has no app at this address that answers"}
	case status == http.StatusNotFound:
		return &environment.NotFoundError{Message: "the configuration server answers 404: it has no such application, profile or label"}
	case slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden}, status):
		return &statusError{status, s.authorization(), environment.ErrUnauthorized}
	default:
		return &statusError{status: status}
	}
}

// authorization says which credentials the server rejected.
func (s *Source) authorization() string {
	switch {
	case s.tokens != nil:
		return "it does not accept the token that its endpoint has given"
	case s.settings.Username != "":
		return "it does not accept username and password"
	default:
		return "it wants credentials, and none are set"
	}
}
