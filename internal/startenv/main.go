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

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
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
	list, err := list(environ, from, name, key)
	if err == nil {
		_, err = io.WriteString(stdout, list)
	}
	if err != nil {
		fmt.Fprintf(stderr, "[%s] %s: %s\n", Program, printable.Line(name), printable.Line(err.Error()))
		return exitFailed
	}
	return exitSuccess
}

// list is what is printed of what a variable of the environment or a service states now: of
// app-env a list of appstart.Variable in JSON, on a line, of others NAME=VALUE and a NUL each.
func list(environ []string, from, name, key string) (string, error) {
	stated, err := stated(environ, from, name, key)
	if err != nil {
		return "", err
	}
	if key == sidecar.EnvKey && len(stated.Bound) > 0 {
		return "", fmt.Errorf("it states a credential of a service in %s, as it did not at staging: stage the app again", key)
	}
	var list strings.Builder
	if key == sidecar.AppEnvKey {
		err := json.NewEncoder(&list).Encode(stated.AppEnv)
		return list.String(), err
	}
	for _, v := range stated.Variables(key) {
		list.WriteString(v.Name + "=" + v.Value + "\x00")
	}
	return list.String(), nil
}
