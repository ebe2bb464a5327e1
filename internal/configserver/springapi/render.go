package springapi

import (
	"fmt"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/forms"
)

// Key returns the same text for routes that render the same environment to the same answer.
func (r *Route) Key() string {
	label := ""
	if r.label != nil {
		label = "/" + *r.label
	}
	return fmt.Sprintf("%q %q %q %q %q %t", r.name, r.profiles, label, r.form, r.mediaType, r.resolve)
}

// Render renders the answer to a route. The values of env must be decrypted.
func (r *Route) Render(env environment.Environment) (body []byte, contentType string, err error) {
	contentType = textType
	if r.isNameless() {
		env = environment.Environment{}
	}
	switch r.form {
	case "":
		return forms.Environment(r.answered(env)), r.mediaType, nil
	case "json":
		contentType = jsonType
		body, err = forms.JSON(env, r.resolve)
	case "properties":
		body, err = forms.Properties(env, r.resolve)
	default:
		body, err = forms.YAML(env, r.resolve)
	}
	return body, contentType, err
}
