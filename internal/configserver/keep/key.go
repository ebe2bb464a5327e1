package keep

import (
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// key is the same for requests that are.
func key(r environment.Request) string {
	return r.Application + "\x00" + r.Label + "\x00" + strings.Join(r.Profiles, "\x00")
}
