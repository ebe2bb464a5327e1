package bump_test

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/published"
)

// A source is the network: what is published, and where addresses redirect to.
type source struct {
	files     map[string]published.File // by URI
	redirects map[string]string
	asked     []string
}

func (s *source) Look(_ context.Context, uri string, _ int) (published.File, error) {
	s.asked = append(s.asked, uri)
	file, ok := s.files[uri]
	if !ok {
		return published.File{}, errors.New("failed to fetch " + uri + ": the server answers 404 Not Found")
	}
	file.URI = uri
	return file, nil
}

func (s *source) Checksum(ctx context.Context, uri string) (string, error) {
	file, err := s.Look(ctx, uri, 0)
	return file.SHA256, err
}

func (s *source) Redirect(_ context.Context, uri string) (*url.URL, error) {
	s.asked = append(s.asked, uri)
	to, ok := s.redirects[uri]
	if !ok {
		return nil, errors.New("the server answers 404 Not Found, without an address to redirect to")
	}
	return url.Parse(to)
}

// sum is a checksum that can be told from others.
func sum(digit string) string { return strings.Repeat(digit, 64) }
