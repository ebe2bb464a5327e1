package configserver

import (
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/api"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/cipher"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/forms"
)

// mainForm is what /config serves of an answer: a nested object in JSON, without what cannot be decrypted.
func mainForm(env environment.Environment) ([]byte, []environment.Omission, error) {
	tree, omitted, err := forms.Nested(cipher.Omit(env))
	if err != nil {
		return nil, nil, err
	}
	return api.Encode(tree), omitted, nil
}
