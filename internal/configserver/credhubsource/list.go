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

// maxCredentials is the most that one request may come to: each is asked for by itself.
const maxCredentials = 1000

// settled is how old a version has to be for its time to tell it from another. CredHub has times of whole seconds, and
// machines have clocks that differ a little.
const settled = time.Minute

// list fills the layers with what CredHub lists below their paths, and has the version of all of it. It is a new one each time
// as long as a version is younger than a minute, by CredHub's clock.
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
