package judge

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// proxyPorts maps the variables that tell a proxy its ports to the effect of replacing them in its
// env.
var proxyPorts = map[string]string{
	"PORT":     "the platform's port, to which the router goes, so the app cannot be reached",
	"APP_PORT": "the port of the app behind it, so it does not find the app",
}

// portWarnings warns about sidecars whose variables set a port that the platform or the buildpack
// assigns.
func portWarnings(sidecars []sidecar.Definition) []string {
	var warnings []string
	for _, d := range sidecars {
		for i, v := range d.Supervision.Env {
			lost, known := proxyPorts[v.Name]
			if !d.Proxy || !known || refersTo(d.Supervision.Env[:i+1], v.Name) {
				continue
			}
			warnings = append(warnings, fmt.Sprintf("Sidecar %s is a proxy, and %s in its env takes the place of %s. "+
				"Expected no %[2]s there: a proxy has its own port in PORT and that of the app in APP_PORT", printable.Name(d.Name), v.Name, lost))
		}
		sets := slices.ContainsFunc(d.AppEnv, func(v appstart.Variable) bool { return v.Name == "PORT" })
		if sets && slices.Contains(d.ProcessTypes, launch.WebProcess) {
			warnings = append(warnings, fmt.Sprintf("PORT in app-env of sidecar %s has no effect on the process %s, for which the platform sets it, and in which existing settings win. "+
				"Expected no PORT there: the app listens on the platform's", printable.Name(d.Name), launch.WebProcess))
		}
	}
	return warnings
}

// refersTo reports whether one of these variables refers to another one, or to its own previous
// value.
func refersTo(variables []supervision.Variable, name string) bool {
	reference := regexp.MustCompile(`\$\{?` + name + `\b`)
	return slices.ContainsFunc(variables, func(v supervision.Variable) bool { return reference.MatchString(v.Value) })
}
