// Package vcap reads VCAP_APPLICATION, in which the platform tells a process about its app (CC
// lib/vcap/vars_builder.rb).
package vcap

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
)

// variable is its name in the environment.
const variable = "VCAP_APPLICATION"

// An Application has the values of VCAP_APPLICATION; missing ones are empty.
type Application struct {
	ID               string `json:"application_id"`
	Name             string `json:"application_name"`
	OrganizationID   string `json:"organization_id"`
	OrganizationName string `json:"organization_name"`
	SpaceID          string `json:"space_id"`
	SpaceName        string `json:"space_name"`
	ProcessID        string `json:"process_id"`
	// ProcessType is web, worker and so on; empty in a task.
	ProcessType string `json:"process_type"`
	// told is true if VCAP_APPLICATION is set.
	told bool
}

// Read reads the variable from an environment of NAME=VALUE. If it is not set, the Application is
// the zero value. The error quotes nothing of the variable.
func Read(environ []string) (Application, error) {
	text := env.Get(environ, variable)
	if text == "" {
		return Application{}, nil
	}
	app := Application{told: true}
	if err := json.Unmarshal([]byte(text), &app); err != nil {
		return Application{told: true}, errors.New(variable + ": found no application in JSON; expected that of the platform")
	}
	return app, nil
}

// RunsIn reports whether a sidecar with these process types runs in the containers of this process.
// Without VCAP_APPLICATION, every sidecar does.
func (a Application) RunsIn(processTypes []string) bool {
	return !a.told || slices.Contains(processTypes, a.ProcessType)
}
