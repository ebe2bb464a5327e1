package configserver

import (
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/api"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/cipher"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/forms"
)

// mainForm returns the body of /config for an answer: a nested JSON object, without the values that cannot be
// decrypted.
func mainForm(env environment.Environment) ([]byte, []environment.Omission, error) {
	tree, omitted, err := forms.Nested(cipher.Omit(env))
	if err != nil {
		return nil, nil, err
	}
	return api.Encode(tree), omitted, nil
}
