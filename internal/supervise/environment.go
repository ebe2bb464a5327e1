package supervise

import (
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// An environment is a list of NAME=VALUE strings.
type environment []string

func (e environment) lookup(name string) string { return env.Get(e, name) }

// with adds variables to a copy of the environment. Each may refer to those before it.
func (e environment) with(more []supervision.Variable) environment {
	for _, v := range more {
		value := v.Value
		if !v.Literal {
			value = e.expand(value)
		}
		e = e.set(v.Name, value)
	}
	return e
}

// set sets one variable in a copy of the environment; its value is taken literally.
func (e environment) set(name, value string) environment {
	var others environment
	for _, set := range e {
		if !strings.HasPrefix(set, name+"=") {
			others = append(others, set)
		}
	}
	return append(others, name+"="+value)
}

func (e environment) expand(text string) string { return env.Expand(e, text) }
