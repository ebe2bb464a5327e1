// Package startenv is the program that reads, at the start of a process, what only
// YAML says: the variables, the headers of checks and the files that SIDECARS, a bound service,
// SIDECAR_NAME_ENV and the like state for it, and which sidecars the buildpacks of the push declare. Values of
// variables may be secrets: the platform keeps them in the app's environment, and
// no droplet holds them. It is a program of its own so that the supervisor needs no
// parser for YAML.
package startenv

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// Main is the program. It prints nothing unless it can print all of it. An error is
// one line, which quotes no value.
func Main(args, environ []string, stdout, stderr io.Writer) int {
	if len(args) == 5 && args[1] == IsSidecar {
		return isSidecar(args[2], args[3], args[4], environ, stderr)
	}
	if len(args) == 5 && args[1] == render.RestateVerb {
		return restate(args[2], args[3], args[4], environ, stdout, stderr)
	}
	keys := []string{sidecar.EnvKey, sidecar.AppEnvKey, sidecar.ReadinessHeadersKey, sidecar.HealthHeadersKey}
	if len(args) != 4 || !slices.Contains(keys, args[1]) {
		fmt.Fprint(stderr, usage)
		return exitUsage
	}
	key, name, from := args[1], args[2], args[3]
	variables, err := variables(environ, from, name, key)
	if err == nil {
		_, err = io.WriteString(stdout, encode(key, variables))
	}
	if err != nil {
		fmt.Fprintf(stderr, "[%s] %s: %s\n", Program, printable.Line(name), printable.Line(err.Error()))
		return exitFailed
	}
	return exitSuccess
}

// variables are what a variable of the environment or a service states now.
func variables(environ []string, from, name, key string) ([]supervision.Variable, error) {
	stated, err := stated(environ, from, name, key)
	switch {
	case err != nil:
		return nil, err
	case key == sidecar.EnvKey && len(stated.Bound) > 0:
		return nil, fmt.Errorf("it states a credential of a service in %s, as it did not at staging: stage the app again", key)
	default:
		return stated.Variables(key), nil
	}
}

// encode is what is printed: of env NAME=VALUE and a NUL each, of app-env a list of
// appstart.Variable in JSON, on a line.
func encode(key string, variables []supervision.Variable) string {
	var list strings.Builder
	if key == sidecar.AppEnvKey {
		_ = json.NewEncoder(&list).Encode(appVariables(variables)) // text can always be encoded
		return list.String()
	}
	for _, v := range variables {
		list.WriteString(v.Name + "=" + v.Value + "\x00")
	}
	return list.String()
}

func appVariables(variables []supervision.Variable) []appstart.Variable {
	list := make([]appstart.Variable, len(variables))
	for i, v := range variables {
		list[i] = appstart.Variable{Name: v.Name, Value: v.Value}
	}
	return list
}
