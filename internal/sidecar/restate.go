package sidecar

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// A Restated is a sidecar with one field that has been read again.
type Restated struct {
	Definition
	readinessHeaders, healthHeaders []supervision.Variable
}

// Variables returns the variables of that field: of env, or the headers of a check.
func (r Restated) Variables(key string) []supervision.Variable {
	return map[string][]supervision.Variable{
		EnvKey: r.Supervision.Env, ReadinessHeadersKey: r.readinessHeaders, HealthHeadersKey: r.healthHeaders,
	}[key]
}

// Restate reads one field of a sidecar again from its source: env, app-env, files or the headers of
// a check, whose values no droplet may contain. from is EnvFrom, AppEnvFrom, FilesFrom or
// HeadersFrom; content is the source's current content: the value of the variable SIDECARS,
// SIDECAR_NAME_ENV and the like, or the document in the credentials of a bound service. The error
// says what to fix and how, and quotes no value.
func Restate(from string, content []byte, name, key string) (Restated, error) {
	source := Source{Name: from, Variable: true, Content: content}
	if service, ok := strings.CutPrefix(from, ServicePrefix); ok {
		source = serviceSource(service, content)
	}
	if len(content) == 0 {
		return Restated{}, fmt.Errorf("%s, and stated %s of sidecar %s at staging: %s, or stage the app again", source.missing(), key, quote(name), source.remedy())
	}
	var r diagnostics
	stated := newDeclaration(name)
	found := false
	if from == InlineVariable || source.Service != "" {
		for _, e := range r.parse(source) {
			if e.Name == name {
				stated, found = e, true
			}
		}
	} else if f, ok := fieldNamed(fields, key); ok && from == VariableName(name, key) {
		w := &decoder{report: &r, source: from, variable: true}
		found = true
		stated.setVariable(f, w, string(content), stated.label())
	}
	if err := r.err(); err != nil {
		return Restated{}, err
	}
	if !found || !stated.stated[key] {
		return Restated{}, errors.New(source.Name + " states no " + key + " of sidecar " + quote(name) + " any more, as it did at staging: stage the app again")
	}
	return Restated{stated.Definition, stated.readiness.Headers, stated.health.Headers}, nil
}

// missing says that a source no longer exists, and remedy what to do about it.
func (s Source) missing() string {
	if s.Service != "" {
		return "the " + s.Name + " is not bound, or has no credential " + ServiceKey
	}
	return s.Name + " is not set"
}

func (s Source) remedy() string {
	if s.Service != "" {
		return "bind it with that"
	}
	return "set it"
}
