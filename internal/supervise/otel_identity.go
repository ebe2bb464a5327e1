//go:build linux

package supervise

import (
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/otel"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/vcap"
)

// withOTelIdentity adds the app's identity for OpenTelemetry to the environment.
func (e environment) withOTelIdentity(warn func(format string, args ...any)) environment {
	app, err := vcap.Read(e)
	if err != nil {
		warn("the app's identity for OpenTelemetry is not known: %s", err)
	}
	for name, value := range otel.Variables(app, e) {
		e = e.set(name, value)
	}
	return e
}

// mergeOTelIdentity adds the app's identity to the resource attributes in a sidecar's own
// variables. The sidecar's own keys win, as the app's own do, and a service name among them wins
// over the app's name in the other variable.
func (e environment) mergeOTelIdentity(own []supervision.Variable) environment {
	states := func(name string) bool {
		return slices.ContainsFunc(own, func(v supervision.Variable) bool { return v.Name == name })
	}
	if !states(otel.ResourceAttributes) {
		return e
	}
	app, _ := vcap.Read(e) // an error has already been logged
	if !states(otel.ServiceName) && e.lookup(otel.ServiceName) == app.Name {
		e = e.set(otel.ServiceName, "")
	}
	for name, value := range otel.Variables(app, e) {
		e = e.set(name, value)
	}
	return e
}

// otelIdentity returns the script that sets the app's identity for OpenTelemetry in the app's
// process, or nothing if no sidecar asks for it. If variables for the app affect the identity,
// another run of this program computes it after these have been set.
func (a appStart) otelIdentity(variables []appstart.Variable) string {
	switch {
	case !slices.ContainsFunc(a.sidecars, func(s appstart.Sidecar) bool { return s.OTelIdentity }):
		return ""
	case slices.ContainsFunc(variables, func(v appstart.Variable) bool { return v.Name == otel.ServiceName || v.Name == otel.ResourceAttributes }):
		return "_sidecars_identity\n"
	default:
		return otelIdentityScript(a.environ, a.say)
	}
}

// printOTelIdentity prints what gives the shell of a process the app's identity for OpenTelemetry.
func printOTelIdentity(environ []string, stdout, stderr io.Writer) int {
	say := newAsyncLogger(stderr, "")
	defer say.close()
	if _, err := io.WriteString(stdout, otelIdentityScript(environ, say)); err != nil {
		say.say("failed to print the app's identity for OpenTelemetry: %s", err)
		return statusFailed
	}
	return 0
}

func otelIdentityScript(environ []string, say *asyncLogger) string {
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
