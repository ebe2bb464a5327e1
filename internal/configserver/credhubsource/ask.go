package credhubsource

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/token"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/outbound"
)

const dataPath = "/api/v1/data"

// server talks to CredHub.
type server struct {
	address *url.URL
	client  *http.Client
	tokens  *token.Client // nil if no UAA client is configured
}

var errAnswer = errors.New("found an answer that is not CredHub's")

// get decodes a JSON answer, and returns the server's time from its Date header, or zero if there is none.
func (s *server) get(ctx context.Context, query url.Values, answer any) (now time.Time, err error) {
	address := *s.address
	address.Path += dataPath
	address.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return now, errors.New("failed to build a request from a credential's name")
	}
	response, err := s.tokens.Do(s.client, request)
	if err != nil {
		return now, err
	}
	defer response.Body.Close() // it was only read
	switch status := response.StatusCode; status {
	case http.StatusOK:
	case http.StatusNotFound:
		return now, &environment.NotFoundError{Message: "found the status 404 Not Found; expected 200: it does not exist, or must not be read"}
	case http.StatusUnauthorized, http.StatusForbidden:
		return now, fmt.Errorf("found the status %s; expected 200: %w: expected this app, or the client that is set, to have permission to read", outbound.Status(status), environment.ErrUnauthorized)
	default:
		return now, fmt.Errorf("found the status %s; expected 200", outbound.Status(status))
	}
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return now, err
	}
	if err := decode(content, answer); err != nil {
		return now, errAnswer
	}
	now, _ = http.ParseTime(response.Header.Get("Date"))
	return now, nil
}

func decode(content []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	return decoder.Decode(into)
}
