// Package startenv is the program that reads, when a process starts, what requires a YAML parser:
// the variables, the headers of checks and the files that SIDECARS, a bound service,
// SIDECAR_NAME_ENV and the like set, and which sidecars the buildpacks of the push declare. Values
// may be secrets: the platform keeps them in the app's environment, and no droplet contains them.
// It is a separate program so that the supervisor needs no YAML parser.
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

// Main runs the program, and returns its exit code. It prints either everything or nothing. An
// error is one line, which quotes no value.
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

// list returns the output for the current values of a variable of the environment or a service: for
// app-env a list of appstart.Variable in JSON, on one line; otherwise NAME=VALUE, each followed by
// a NUL.
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
