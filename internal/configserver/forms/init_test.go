package forms_test

import (
	"encoding/json"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

func TestForms(t *testing.T) {
	suite := spec.New("forms", spec.Report(report.Terminal{}))
	suite("Nested", testNested)
	suite("Nesting", testNesting)
	suite("YAML", testYAML)
	suite("Placeholders", testPlaceholders)
	suite.Run(t)
}

// sources is an environment of JSON objects with flat keys, the first of which wins.
func sources(t *testing.T, objects ...string) environment.Environment {
	t.Helper()
	env := environment.Environment{Name: "app", Profiles: []string{"default"}}
	for _, object := range objects {
		var source environment.PropertySource
		if err := json.Unmarshal([]byte(`{"source":`+object+`}`), &source); err != nil {
			t.Fatal(err)
		}
		env.PropertySources = append(env.PropertySources, source)
	}
	return env
}
