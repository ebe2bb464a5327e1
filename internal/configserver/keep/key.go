package keep

import (
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// key returns the same text for equal requests.
func key(r environment.Request) string {
	return r.Application + "\x00" + r.Label + "\x00" + strings.Join(r.Profiles, "\x00")
}
