//go:build linux

package supervise

import (
	"errors"
	"path/filepath"
	"strconv"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
)

// Arguments of renderProgram for values of the configuration: package render's Config and
// OptionalPrefix.
const (
	renderConfig         = "config"
	renderOptionalPrefix = "optional:"
)

// withConfig fills in the variables whose values are keys of the configuration. It waits for the
// app's config-server, and does not ask for variables that the app has already set. If the program
// fails, it has logged why itself; withConfig then returns the variables that need no key.
func (a appStart) withConfig(variables []appstart.Variable) ([]appstart.Variable, error) {
	var others, asked []appstart.Variable
	argv := []string{filepath.Join(a.directory, "bin", renderProgram), renderConfig}
	for _, v := range variables {
		if v.Config == "" {
			others = append(others, v)
			continue
		}
		if _, set := env.Lookup(a.environ, v.Name); set {
			continue
		}
		asked = append(asked, v)
		key := v.Config
		if v.Default != nil {
			key = renderOptionalPrefix + key
		}
		argv = append(argv, key)
	}
	if len(asked) == 0 {
		return others, nil
	}
	printed, err := printedVariables(argv, a.environ)
	if err != nil {
		return others, err
	}
	values := map[int]string{}
	for _, p := range printed {
		i, err := strconv.Atoi(p.Name)
		if err != nil || i < 0 || i >= len(asked) {
			return others, errors.New(renderProgram + " printed other values than those that it was asked for")
		}
		values[i] = p.Value
	}
	for i, v := range asked {
		value, found := values[i]
		if !found && v.Default != nil {
			value = *v.Default
		}
		others = append(others, appstart.Variable{Name: v.Name, Value: value, Literal: true})
	}
	return others, nil
}
