package sidecar_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// read resolves the content of a sidecars.yml alone.
func read(content string, environ ...string) ([]sidecar.Definition, error) {
	definitions, _, err := sidecar.Resolve(sidecar.Request{
		Sources: []sidecar.Source{{Name: "sidecars.yml", Content: []byte(content)}}, Environ: environ,
	})
	return definitions, err
}

// catalog parses a buildpack.toml that is in order.
func catalog(t *testing.T, content string) sidecar.Catalog {
	t.Helper()
	parsed, err := sidecar.ParseCatalog(sidecar.Source{Name: "buildpack.toml", Content: []byte(content)})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return parsed
}

// restated are the variables that a variable of an environment states.
func restated(environ []string, from, name, key string) ([]supervision.Variable, error) {
	d, err := sidecar.Restate(from, []byte(env.Get(environ, from)), name, key)
	return d.Variables(key), err
}

// appEnv are the variables for the app that a variable of an environment states.
func appEnv(environ []string, from, name string) ([]appstart.Variable, error) {
	d, err := sidecar.Restate(from, []byte(env.Get(environ, from)), name, sidecar.AppEnvKey)
	return d.AppEnv, err
}
