package sidecar

import (
	"errors"
	"fmt"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// VariablesIn reads a sidecar's env or app-env, or the headers of a check, anew from the variable of the app's
// environment that stated it at staging: SIDECARS, or its own, such as SIDECAR_NAME_ENV. The error says which of them to mend, and how, and quotes no
// value.
func VariablesIn(environ []string, variable, name, key string) ([]supervision.Variable, error) {
	value := env.Get(environ, variable)
	if value == "" {
		return nil, fmt.Errorf("%s is not set, and stated %s of sidecar %s at staging: set it, or stage the app again", variable, key, quote(name))
	}
	var r diagnostics
	stated := newDeclaration(name)
	found := false
	if variable == InlineVariable {
		for _, e := range r.parse(Source{Name: variable, Content: []byte(value), Variable: true}) {
			if e.Name == name {
				stated, found = e, true
			}
		}
	} else if f, ok := fieldNamed(fields, key); ok && variable == VariableName(name, key) {
		w := &decoder{report: &r, source: variable, variable: true}
		found = true
		stated.setVariable(f, w, value, stated.label())
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	if !found || !stated.stated[key] {
		return nil, errors.New(variable + " states no " + key + " of sidecar " + quote(name) + " any more, as it did at staging: stage the app again")
	}
	return map[string][]supervision.Variable{
		EnvKey: stated.Supervision.Env, AppEnvKey: stated.AppEnv,
		ReadinessHeadersKey: stated.readiness.Headers, HealthHeadersKey: stated.health.Headers,
	}[key], nil
}
