//go:build linux

package supervise

import (
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/otel"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/vcap"
)

// withIdentity is the environment with the app's identity for OpenTelemetry.
func (e environment) withIdentity(warn func(format string, args ...any)) environment {
	app, err := vcap.Read(e)
	if err != nil {
		warn("the app's identity for OpenTelemetry is not known: %s", err)
	}
	for name, value := range otel.Variables(app, e) {
		e = e.set(name, value)
	}
	return e
}

// identity is the script that gives the app's process its identity for OpenTelemetry, if a
// sidecar asks for that. Where variables for the app bear on it, it is made after these have
// been set, by another run of this program.
func (a appStart) identity(variables []appstart.Variable) string {
	switch {
	case !slices.ContainsFunc(a.sidecars, func(s appstart.Sidecar) bool { return s.OTelIdentity }):
		return ""
	case slices.ContainsFunc(variables, func(v appstart.Variable) bool { return v.Name == otel.ServiceName || v.Name == otel.ResourceAttributes }):
		return "_sidecars_identity\n"
	default:
		return identityScript(a.environ, a.say)
	}
}

// printIdentity prints what gives the shell of a process the identity.
func printIdentity(environ []string, stdout, stderr io.Writer) int {
	say := newAsyncLogger(stderr, "")
	defer say.close()
	if _, err := io.WriteString(stdout, identityScript(environ, say)); err != nil {
		say.say("failed to print the app's identity for OpenTelemetry: %s", err)
		return statusFailed
	}
	return 0
}

func identityScript(environ []string, say *asyncLogger) string {
	app, err := vcap.Read(environ)
	if err != nil {
		say.say("the app's identity for OpenTelemetry is not known: %s", err)
	}
	set := otel.Variables(app, environ)
	var script strings.Builder
	for _, name := range slices.Sorted(maps.Keys(set)) {
		script.WriteString(appstart.Export(name, set[name]))
	}
	return script.String()
}
