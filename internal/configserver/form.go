package configserver

import (
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/cipher"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/forms"
)

// mainForm is what /config serves of an answer: a nested object, without what cannot be decrypted.
func mainForm(env environment.Environment) (any, []environment.Omission, error) {
	return forms.Nested(cipher.Omit(env))
}
