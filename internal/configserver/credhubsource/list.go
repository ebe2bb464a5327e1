package credhubsource

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// maxCredentials limits the credentials per request: each one takes a request to CredHub.
const maxCredentials = 1000

// settled is the age at which a version's time identifies it. CredHub's times are in whole seconds, and clocks
// of machines differ a little.
const settled = time.Minute

// list fills the layers with the credentials that CredHub lists below their paths, and returns the version of
// them all. While any credential is younger than a minute by CredHub's clock, the version is new each time.
func (s *server) list(ctx context.Context, layers []layer) (version string, err error) {
	sum := sha256.New()
	count, young := 0, false
	for i := range layers {
		var answer struct {
			Credentials *[]listed `json:"credentials"`
		}
		now, err := s.get(ctx, url.Values{"path": {layers[i].path}}, &answer)
		var notFound *environment.NotFoundError
		switch {
		case errors.As(err, &notFound):
			continue
		case err != nil:
			return "", fmt.Errorf("failed to list the credentials below %q: %w", layers[i].path, err)
		case answer.Credentials == nil:
			return "", fmt.Errorf("failed to list the credentials below %q: %w", layers[i].path, errAnswer)
		}
		layers[i].found = *answer.Credentials
		if count += len(layers[i].found); count > maxCredentials {
			return "", fmt.Errorf("found more than %d credentials; expected no more", maxCredentials)
		}
		for _, one := range layers[i].found {
			fmt.Fprintf(sum, "%q %q %s\n", layers[i].path, one.Name, one.Created.UTC().Format(time.RFC3339Nano))
			young = young || now.Sub(one.Created) < settled
		}
	}
	if young {
		return rand.Text(), nil
	}
	return hex.EncodeToString(sum.Sum(nil)[:16]), nil
}
