package credhubsource

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// Spring's names for the application and the profile that apply to all.
const (
	commonApplication = "application"
	commonProfile     = "default"
)

// layer is a path, and the property source made of the credentials below it.
type layer struct {
	name, path string
	found      []listed
}

// listed is a credential as CredHub lists it.
type listed struct {
	Name    string    `json:"name"`
	Created time.Time `json:"version_created_at"`
}

// layersOf returns the layers for a request; the first wins.
func layersOf(settings Settings, request environment.Request) ([]layer, string, error) {
	label := request.Label
	if label == "" {
		label = settings.Label
	}
	var layers []layer
	for _, one := range environment.ByPrecedence(strings.Split(label, ","), "") {
		for _, profile := range environment.ByPrecedence(request.Profiles, commonProfile) {
			for _, application := range environment.ByPrecedence(strings.Split(request.Application, ","), commonApplication) {
				for _, name := range []string{application, profile, one} {
					if name == "." || name == ".." || strings.ContainsAny(name, "/\x00\r\n") {
						return nil, "", &environment.NotFoundError{Message: "found a name that is not part of a credential's; expected an application, profiles and a label without slashes"}
					}
				}
				layers = append(layers, layer{
					name: fmt.Sprintf("credhub-%s-%s-%s", application, profile, one),
					path: strings.Join([]string{settings.Path, application, profile, one}, "/"),
				})
			}
		}
	}
	if len(layers) == 0 {
		return nil, "", errors.New("found no label to read credentials of; expected one")
	}
	return layers, label, nil
}
